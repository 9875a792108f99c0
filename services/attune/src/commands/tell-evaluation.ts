import type { CampaignEvaluation, Estimate, Judgement, PolicyValue, RefusalReason, Support } from '@attune/scoring/composition';
import { columns } from './columns.ts';

/** What of a policy is told, as lines of text. */
export function tellEvaluation(evaluation: CampaignEvaluation): readonly string[] {
  const { campaign, reached, fromMs, toMs } = evaluation;
  const { choices, units } = reached.after;
  const when = choices === 0 ? '' : `, ${dayOf(fromMs)} to ${dayOf(toMs)}`;
  return [
    `${campaign}: ${counted(choices, 'decision')} about ${counted(units, 'customer')}${when}${leftOut(evaluation)}`,
    ...indented([...(reached.after.kind === 'estimated' ? tableOf(evaluation) : []), sentenceOf(evaluation)]),
  ];
}

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`);

function leftOut({ tooYoung, erased, untold }: CampaignEvaluation): string {
  const parts = [
    tooYoung > 0 && `${whole(tooYoung)} whose time for the goal is not over`,
    erased > 0 && `${whole(erased)} of customers who were erased`,
    untold > 0 && `${whole(untold)} under a configuration that the log no longer tells`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? '' : `; left out: ${parts.join(', ')}`;
}

function tableOf({ goal, reached, worth, currency }: CampaignEvaluation): readonly string[] {
  const money = new Intl.NumberFormat('en', { style: 'currency', currency });
  const worthOf = (value: number): string => money.format(value);
  const rows = [
    rowOf(`reached ${goal.event}`, reached, share, points),
    rowOf('value less cost, a decision', worth, worthOf, (value) => `${value > 0 ? '+' : ''}${worthOf(value)}`),
  ];
  const methods = METHODS.map(([method, words]) => [words, ...(reached.after.kind === 'estimated' ? [interval(reached.after.by[method], share)] : [])]);
  return [...columns(['', 'policy that decided', 'this policy', 'difference'], rows), ...columns(['share by method', ''], methods), supportOf(reached.after)];
}

const METHODS = [
  ['dr', 'doubly robust'],
  ['ips', 'weights'],
  ['snips', 'weights that make one'],
  ['dm', 'means by offer alone'],
] as const;

function rowOf(name: string, { before, after, more }: Judgement, one: Told, difference: Told): readonly string[] {
  const told = (value: PolicyValue): string => (value.kind === 'estimated' ? interval(value.by.dr, one) : '');
  return [name, told(before), told(after), more === undefined ? '' : interval(more, difference)];
}

type Told = (value: number) => string;

function supportOf({ effective, units, largestWeight }: Support): string {
  return `effective sample: ${whole(Math.floor(effective))} of ${counted(units, 'customer')}; largest weight ${largestWeight.toFixed(1)}`;
}

function sentenceOf(evaluation: CampaignEvaluation): string {
  const { goal, reached, changed } = evaluation;
  const { after, more } = reached;
  if (after.kind === 'refused') return refusals[after.reason](evaluation, after);
  if (changed === 0) return 'This policy would have drawn as the policy that decided did, in every decision.';
  if (more === undefined) return 'What the policy that decided brought cannot be told, and so no difference.';
  const size = `${share(after.by.dr.value)} of decisions instead of ${share(after.by.dr.value - more.value)}`;
  const sure =
    more.low > 0
      ? 'That is more than chance explains.'
      : more.high < 0
        ? 'That is less, and chance does not explain it.'
        : 'That may be chance: the difference may as well be none.';
  return `This policy would have reached ${goal.event} in ${size}, and drawn otherwise in ${whole(changed)} decisions. ${sure}`;
}

const refusals: Readonly<Record<RefusalReason, (evaluation: CampaignEvaluation, support: Support) => string>> = {
  NO_CHOICES: () => 'NO_CHOICES: the log holds no decision of this campaign whose time for the goal is over.',
  NOT_COVERED: ({ uncovered }) =>
    `NOT_COVERED: nothing is known of ${uncovered.map(({ offer, share: part }) => `${offer === '' ? 'nothing' : offer} (${part < LITTLE ? 'less than ' : ''}${share(Math.max(part, LITTLE))} of what this policy draws)`).join(', ')}: ` +
    'the policy that decided could never draw it in these decisions. Exploring (choose.explore) makes offers known from then on, a holdout makes nothing known.',
  CHANCES_DOUBTFUL: () => 'CHANCES_DOUBTFUL: the weights do not make one, so that the recorded chances cannot be those by which it was drawn.',
  SAMPLE_TOO_SMALL: (_, { effective, units }) =>
    `SAMPLE_TOO_SMALL: too few were drawn as this policy would draw: ${whole(Math.floor(effective))} effective of ${counted(units, 'customer')}. A policy nearer to the one that decided can be told, or more decisions.`,
};

const LITTLE = 0.001;
const interval = ({ value, low, high }: Estimate, told: Told): string => `${told(value)} [${told(low)}, ${told(high)}]`;
const share = (value: number): string => `${(value * 100).toFixed(1)} %`;
const points = (value: number): string => `${value > 0 ? '+' : ''}${(value * 100).toFixed(1)} points`;
const whole = (count: number): string => count.toLocaleString('en');
const counted = (count: number, noun: string): string => `${whole(count)} ${noun}${count === 1 ? '' : 's'}`;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
