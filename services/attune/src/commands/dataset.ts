import { join } from 'node:path';
import type { Dataset } from '@attune/feature-store/composition';
import { AttuneError } from '@attune/kernel/errors';
import { Command } from 'commander';
import { readSettings } from '../config.ts';
import type { DatasetWords } from './dataset-options.ts';

type Environment = Readonly<Record<string, string | undefined>>;

interface Options extends DatasetWords {
  readonly config?: string;
  readonly out?: string;
  readonly format: string;
  readonly replace: boolean;
}

/** `attune dataset <label>`: builds the training rows of a label from the log. */
export function datasetCommand(environment: Environment): Command {
  return new Command('dataset')
    .description(
      'builds training rows from the log: what the live profile knew at each moment, by the same fold, beside what happened afterwards. Reads the log of ATTUNE_DATA_DIR, also while Attune runs there, or that of ATTUNE_KAFKA_BROKERS. See docs/datasets.md',
    )
    .argument('<label>', 'of the configuration, under labels')
    .option('--config <file>', 'the configuration (default: ATTUNE_CONFIG, else the example shop)')
    .option('--view <view>', "the values of a row (default: the label's view)")
    .option('--purpose <purpose>', "what the values are read for (default: the label's)")
    .option('--each <event>', 'a row for each event of this name')
    .option('--every <duration>', 'a row a customer at each full multiple of this time, such as 7d')
    .option('--decisions [campaign]', 'a row for each decision, of this campaign or of all')
    .option('--from <date>', 'moments from here on, such as 2026-01-31')
    .option('--to <date>', 'moments before it')
    .option('--share <percent>', 'the part of the customers that is taken', '100%')
    .option('--seed <text>', 'draws that part; the same seed draws the same customers', '1')
    .option('--as-recorded', 'fold each record under the configuration of its time, as it was live, instead of all under this one', false)
    .option('--positions <manifest>', 'read the log only as far as the dataset of this manifest.json did')
    .option('--out <folder>', 'where to (default: datasets/<label>)')
    .option('--format <formats>', 'csv, parquet, or both joined by a comma', 'csv,parquet')
    .option('--max-rows <n>', 'more rows than these are refused: all are held in memory', '1000000')
    .option('--replace', 'take the place of a folder that is there', false)
    .action(async (label: string, options: Options) => {
      for (const line of await dataset(environment, label, options)) console.log(line);
    });
}

async function dataset(environment: Environment, name: string, options: Options): Promise<readonly string[]> {
  // What builds a dataset is loaded by this command alone.
  const [{ datasetOf }, { EXAMPLE, readConfiguration }, { datasetAsked }, { checkFolder, writeDataset }, { openLogAtRest }, { workBar }] = await Promise.all([
    import('@attune/feature-store/composition'),
    import('../read-configuration.ts'),
    import('./dataset-options.ts'),
    import('./write-dataset.ts'),
    import('../log-at-rest.ts'),
    import('./work-bar.ts'),
  ]);
  const settings = readSettings(environment);
  const { configuration, configurations, document } = readConfiguration(options.config ?? settings.ATTUNE_CONFIG ?? EXAMPLE);
  const progress = workBar(process.stderr, 'dataset', 'records');
  const asked = { tenant: TENANT, configuration, document, ...datasetAsked(configuration, name, options), progress };
  const writing = { folder: options.out ?? join('datasets', name), formats: formatsOf(options.format), replace: options.replace };
  checkFolder(writing);
  const { log, ring, close } = await openLogAtRest(settings);
  const startedMs = performance.now();
  const built = await datasetOf({ log, ring, configurations }, asked).finally(close);
  const { files, rows } = await writeDataset(built, asked, writing);
  const seconds = (performance.now() - startedMs) / 1_000;
  return [
    `${rows} rows of ${asked.view.name} and ${name} from ${built.records} records in ${seconds.toFixed(1)} s`,
    ...leftOutLine(built.leftOut),
    ...files.map(({ name: file, bytes }) => `${join(writing.folder, file)}  ${bytes} bytes`),
    join(writing.folder, 'manifest.json'),
  ];
}

const TENANT = 'default';

function leftOutLine({ withoutConsent, withdrawnSince, erased, tooRecent }: Dataset['leftOut']): readonly string[] {
  const parts = [
    [withoutConsent, 'without consent at the moment'],
    [withdrawnSince, 'of customers who withdrew it since'],
    [erased, 'of erased customers'],
    [tooRecent, 'too recent for the label'],
  ].filter(([count]) => count !== 0);
  return parts.length === 0 ? [] : [`left out: ${parts.map(([count, why]) => `${count} ${why}`).join(', ')}`];
}

function formatsOf(text: string): readonly ('csv' | 'parquet')[] {
  const formats = text.split(',').map((one) => one.trim());
  const known = formats.filter((one): one is 'csv' | 'parquet' => one === 'csv' || one === 'parquet');
  if (known.length !== formats.length) throw new AttuneError('REQUEST_INVALID', `--format: ${text} is not known. Write csv, parquet, or csv,parquet.`);
  return [...new Set(known)];
}
