/** A choice that was made and what came of it, beside what the policy under judgement would have made of it. */
export interface JudgedChoice {
  /** Whose choice it was: those of one customer hang together and count as one observation. */
  readonly unit: string;
  readonly reward: number;
  /** The chance with which the choice was made, in (0, 1]. */
  readonly logged: number;
  /** The chance with which the policy makes it, in [0, 1]. */
  readonly target: number;
  /** The share of the policy's choices that could never have been made: nothing is known of them. */
  readonly uncovered: number;
  /** The reward that a model expects of the choice that was made. */
  readonly expected: number;
  /** The reward that the model expects of the policy, each of its choices by its chance. */
  readonly expectedOfTarget: number;
}

/** How a value is estimated: by weights, by weights that make one, by the model alone, by the model corrected by weights. */
export type Method = 'ips' | 'snips' | 'dm' | 'dr';
export const METHODS: readonly Method[] = ['ips', 'snips', 'dm', 'dr'];

/** A mean and its 95 % interval, in the unit of the reward. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** How far the log can speak for a policy. */
export interface Support {
  readonly choices: number;
  readonly units: number;
  /** So many customers, all weighed alike, would tell as much (Kish). */
  readonly effective: number;
  readonly largestWeight: number;
  /** Mean share of the policy's choices that could never have been made. */
  readonly uncovered: number;
}

/** Why the log cannot speak for it: there is nothing, it never did what the policy does, its chances cannot have been those, too few did what the policy does. */
export type RefusalReason = 'NO_CHOICES' | 'NOT_COVERED' | 'CHANCES_DOUBTFUL' | 'SAMPLE_TOO_SMALL';

/** What a policy would have brought in each choice, or why that cannot be told. */
export type PolicyValue =
  | ({ readonly kind: 'estimated'; readonly by: Readonly<Record<Method, Estimate>> } & Support)
  | ({ readonly kind: 'refused'; readonly reason: RefusalReason } & Support);

/** From how many effective customers on an answer is given, unless told. */
export const EFFECTIVE_MIN = 100;

/**
 * The value of a policy from choices of another one: Horvitz & Thompson 1952 (ips), Swaminathan & Joachims 2015 (snips), and
 * Dudík, Langford & Li, Doubly robust policy evaluation and learning, ICML 2011 (dm, dr). Intervals are normal ones by customer.
 */
export function estimatePolicy(choices: readonly JudgedChoice[], effectiveMin: number = EFFECTIVE_MIN): PolicyValue {
  const support = supportOf(choices);
  const reason = refusalOf(choices, support, effectiveMin);
  if (reason !== undefined) return { kind: 'refused', reason, ...support };
  const by = (method: Method): Estimate => meanByUnit(choices, scoresOf(choices, method));
  return { kind: 'estimated', by: { ips: by('ips'), snips: by('snips'), dm: by('dm'), dr: by('dr') }, ...support };
}

/** What the first policy brings more than the second, of the same choices in the same order: narrower than the two intervals apart. */
export function comparePolicies(first: readonly JudgedChoice[], second: readonly JudgedChoice[], method: Method): Estimate {
  const others = scoresOf(second, method);
  return meanByUnit(
    first,
    scoresOf(first, method).map((score, i) => score - (others[i] ?? 0)),
  );
}

/** How far these choices speak for the policy. */
export function supportOf(choices: readonly JudgedChoice[]): Support {
  const weights = choices.map(weightOf);
  const units = [...sumsByUnit(choices, weights).values()];
  const squares = sum(units.map((weight) => weight * weight));
  return {
    choices: choices.length,
    units: units.length,
    effective: squares === 0 ? 0 : sum(units) ** 2 / squares,
    largestWeight: weights.reduce((most, weight) => Math.max(most, weight), 0),
    uncovered: sum(choices.map(({ uncovered }) => uncovered)) / Math.max(1, choices.length),
  };
}

function refusalOf(choices: readonly JudgedChoice[], { effective, uncovered }: Support, effectiveMin: number): RefusalReason | undefined {
  if (choices.length === 0) return 'NO_CHOICES';
  if (uncovered > COVERED_WITHIN) return 'NOT_COVERED';
  if (effective < effectiveMin) return 'SAMPLE_TOO_SMALL';
  return weightsMakeOne(choices) ? undefined : 'CHANCES_DOUBTFUL';
}

/** Weights are 1 in the mean where the chances are true; what is missing of the policy's chances is known. */
function weightsMakeOne(choices: readonly JudgedChoice[]): boolean {
  const { value, high } = meanByUnit(choices, choices.map(weightOf));
  return Math.abs(value - 1) <= Math.max(COVERED_WITHIN, (DOUBT_Z / Z) * (high - value));
}

/** One score a choice; their mean is the estimate. Those of snips are the linear ones, whose spread is right for it. */
function scoresOf(choices: readonly JudgedChoice[], method: Method): readonly number[] {
  const weights = choices.map(weightOf);
  if (method === 'dm') return choices.map(({ expectedOfTarget }) => expectedOfTarget);
  if (method === 'dr') return choices.map(({ reward, expected, expectedOfTarget }, i) => expectedOfTarget + (weights[i] ?? 0) * (reward - expected));
  const weighed = choices.map(({ reward }, i) => (weights[i] ?? 0) * reward);
  if (method === 'ips') return weighed;
  const [all, mean] = [sum(weighed) / sum(weights), sum(weights) / weights.length];
  return weighed.map((score, i) => all + (score - all * (weights[i] ?? 0)) / mean);
}

/** The mean of scores, and how far it is sure where those of one customer hang together. */
function meanByUnit(choices: readonly JudgedChoice[], scores: readonly number[]): Estimate {
  const value = sum(scores) / scores.length;
  const units = [
    ...sumsByUnit(
      choices,
      scores.map((score) => score - value),
    ).values(),
  ];
  const spread = Math.sqrt((units.length / Math.max(1, units.length - 1)) * sum(units.map((off) => off * off))) / scores.length;
  return { value, low: value - Z * spread, high: value + Z * spread };
}

function sumsByUnit(choices: readonly JudgedChoice[], numbers: readonly number[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  choices.forEach(({ unit }, i) => {
    sums.set(unit, (sums.get(unit) ?? 0) + (numbers[i] ?? 0));
  });
  return sums;
}

const COVERED_WITHIN = 1e-9;
const Z = 1.959963984540054;
const DOUBT_Z = 5;

const weightOf = ({ target, logged }: JudgedChoice): number => target / logged;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
