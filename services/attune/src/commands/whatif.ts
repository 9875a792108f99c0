import type { CampaignEvaluation } from '@attune/scoring/composition';
import { Command, InvalidArgumentError } from 'commander';
import { readSettings } from '../config.ts';

type Environment = Readonly<Record<string, string | undefined>>;

interface Asked {
  readonly campaign?: string;
  readonly minSample?: number;
  readonly data?: string;
  readonly json: boolean;
}

const EXAMPLE = `
The policy file is YAML: what of the active configuration is to be otherwise, or a whole configuration.

  campaigns: { welcome_back: { choose: { explore: 0.2 } } }
  offers: { we_miss_you_15: { cost: 6.00, prior: { accepted: 1, sent: 50 } } }

It reads the log of ATTUNE_DATA_DIR, also beside a running Attune, or of ATTUNE_KAFKA_BROKERS, and writes nothing.
Exit codes: 0 where each campaign was told, 2 where one was refused, 1 for a fault.`;

/** `attune whatif <policy file>`: what another policy would have brought, from the decisions and rewards of the log. */
export function whatifCommand(environment: Environment): Command {
  return new Command('whatif')
    .description('tells from the log what another policy would have brought, with its interval, or why the log cannot tell')
    .argument('<policy file>', 'what is to be otherwise')
    .option('--campaign <name>', 'one campaign alone; without it each that has offers and a goal')
    .option('--min-sample <customers>', 'tell nothing below so many effective customers (default: 100)', wholeNumber)
    .option('--data <folder>', 'the data folder (default: ATTUNE_DATA_DIR)')
    .option('--json', 'JSON, a line a campaign, with all methods', false)
    .addHelpText('after', EXAMPLE)
    .action(async (file: string, asked: Asked) => {
      const evaluations = await evaluated(file, asked, environment);
      const { tellEvaluation } = await import('./tell-evaluation.ts');
      for (const evaluation of evaluations) for (const line of asked.json ? [JSON.stringify(evaluation)] : tellEvaluation(evaluation)) console.log(line);
      if (evaluations.some(({ reached }) => reached.after.kind === 'refused')) process.exitCode = REFUSED;
    });
}

const REFUSED = 2;

async function evaluated(file: string, { campaign, minSample, data }: Asked, environment: Environment): Promise<readonly CampaignEvaluation[]> {
  const [{ Configurations }, { featureKindSpecs }, { evaluatePolicy }, { TENANT }, { openLogAtRest }, { readPolicyFile }] = await Promise.all([
    import('@attune/configuration/configurations'),
    import('@attune/feature-store/composition'),
    import('@attune/scoring/composition'),
    import('../hosting.ts'),
    import('../log-at-rest.ts'),
    import('./policy-file.ts'),
  ]);
  const document = readPolicyFile(file, featureKindSpecs);
  const settings = readSettings(environment);
  const { log, ring, close } = await openLogAtRest(data === undefined ? settings : { ...settings, ATTUNE_DATA_DIR: data, ATTUNE_KAFKA_BROKERS: undefined });
  const configurations = new Configurations(featureKindSpecs);
  try {
    return await evaluatePolicy(
      { log, ring, configurationOf: (text) => configurations.of(text) },
      { tenant: TENANT, document, ...(campaign !== undefined && { campaign }), ...(minSample !== undefined && { effectiveMin: minSample }) },
    );
  } finally {
    await close();
  }
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('It is a whole number from 1 on.');
  return number;
}
