import { readFileSync, writeFileSync } from 'node:fs';
import type { ServedAnswer } from '@attune/feature-store/composition';
import { Command, InvalidArgumentError } from 'commander';
import { readSettings } from '../config.ts';

type Environment = Readonly<Record<string, string | undefined>>;

interface Options {
  readonly config?: string;
  readonly address?: string;
  readonly answers?: string;
  readonly save?: string;
  readonly profiles: number;
  readonly decisions: number;
  readonly seed: string;
  readonly purpose?: string;
}

const TENANT = 'default';

/** `attune parity`: whether what is served, and what decisions were taken by, is what the log gives. Exit code 1 where a value differs. */
export function parityCommand(environment: Environment): Command {
  return new Command('parity')
    .description(
      'folds the log again and compares each value that was served, and each that a decision was taken by, with what the log gives at its place and moment, bit for bit. Exit code 1 where one differs. See docs/datasets.md',
    )
    .option('--config <file>', 'the configuration (default: ATTUNE_CONFIG, else the example shop)')
    .option('--address <host:port>', 'ask the feature store there over gRPC (default: read its store as it does)')
    .option('--answers <file>', 'check the answers of this file instead of asking now: lines of {"purpose": …, "response": …} of GetFeatures')
    .option('--save <file>', 'write the answers that were asked into a file, to be checked later')
    .option('--profiles <n>', 'ask about so many, drawn from the log', wholeNumber, 1_000)
    .option('--decisions <n>', 'check so many decisions of the log at most, drawn by the seed', wholeNumber, 10_000)
    .option('--seed <text>', 'draws both; the same seed draws the same', '1')
    .option('--purpose <purpose>', 'ask for this one (default: for each of the configuration)')
    .action(async (options: Options) => {
      const { failed, lines } = await parity(environment, options);
      for (const line of lines) console.log(line);
      if (failed) process.exitCode = 1;
    });
}

function wholeNumber(text: string): number {
  if (!/^\d{1,8}$/.test(text)) throw new InvalidArgumentError('It is a whole number.');
  return Number(text);
}

async function parity(environment: Environment, options: Options): Promise<{ readonly failed: boolean; readonly lines: readonly string[] }> {
  const [
    { answersInLine, findDecisions, parityOf },
    { EXAMPLE, readConfiguration },
    { sampledAnswers },
    { parityLines },
    { openLogAtRest },
    { workBar },
    { unitHash },
  ] = await Promise.all([
    import('@attune/feature-store/composition'),
    import('../read-configuration.ts'),
    import('./parity-sample.ts'),
    import('./parity-lines.ts'),
    import('../log-at-rest.ts'),
    import('./work-bar.ts'),
    import('@attune/kernel/hash'),
  ]);
  const settings = readSettings(environment);
  const { configuration, configurations } = readConfiguration(options.config ?? settings.ATTUNE_CONFIG ?? EXAMPLE);
  let answers: readonly ServedAnswer[];
  if (options.answers === undefined) {
    const sampled = await sampledAnswers({ ...options, settings, configuration, configurations });
    if (options.save !== undefined) writeFileSync(options.save, sampled.lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
    ({ answers } = sampled);
  } else
    answers = readFileSync(options.answers, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .flatMap(answersInLine);
  // Opened behind the answers, so that it knows what they know.
  const { log, ring, close } = await openLogAtRest(settings);
  const startedMs = performance.now();
  const bar = workBar(process.stderr, 'parity', 'records');
  const drawn = (await findDecisions(log, () => true))
    .toSorted((a, b) => unitHash(`${options.seed}/${a.decision.id}`) - unitHash(`${options.seed}/${b.decision.id}`))
    .slice(0, options.decisions);
  const total = await recordsIn(log);
  const checked = { tenant: TENANT, answers, decisions: drawn, progress: (done: number) => bar(done, total) };
  const result = await parityOf({ log, ring, configurations }, checked).finally(close);
  return { failed: result.mismatches.length > 0, lines: parityLines(result, (performance.now() - startedMs) / 1_000) };
}

async function recordsIn(log: {
  readonly identity: (topic: string) => Promise<{ readonly partitions: number }>;
  readonly bounds: (topic: string, partition: number) => Promise<{ readonly startOffset: number; readonly endOffset: number }>;
}): Promise<number> {
  const topic = 'attune.activity.v1';
  const { partitions } = await log.identity(topic);
  let records = 0;
  for (let partition = 0; partition < partitions; partition++) {
    const { startOffset, endOffset } = await log.bounds(topic, partition);
    records += endOffset - startOffset;
  }
  return records;
}
