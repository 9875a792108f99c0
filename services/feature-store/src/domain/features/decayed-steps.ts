import type { FeatureDeclaration } from '@attune/kernel/feature-kind';
import { STEPS_PER_HALF_LIFE, startOfStep, stepOf } from './decay.ts';
import { StateReader, StateWriter } from './state-bytes.ts';
import { AHEAD_MAX_MS } from './tally.ts';

const DAY_MS = 86_400_000;
/** What happened longer ago counts less than 1 / 65,536, and is let go of. */
const HALF_LIVES_MAX = 16;
const STEPS_MAX = HALF_LIVES_MAX * STEPS_PER_HALF_LIFE;

/** The amounts of one step of time, summed. */
interface Step {
  readonly index: number;
  readonly amount: bigint;
}

/** Whole amounts by the step in which they came: ascending by index, none twice, those of 16 half-lives. */
export type DecayedSteps = readonly Step[];

/** The half-life of a feature; its other parts do not matter here. */
type HalfLife = Pick<FeatureDeclaration, 'halfLifeMs'>;

/** The steps with an amount at a moment. */
export const addToStep = (state: DecayedSteps, amount: bigint, atMs: number, halfLife: HalfLife): DecayedSteps =>
  joinSteps(state, [{ index: stepOf(atMs, halfLife.halfLifeMs), amount }], halfLife);

/** Both together; commutative and associative. */
export function joinSteps(a: DecayedSteps, b: DecayedSteps, { halfLifeMs }: HalfLife): DecayedSteps {
  const amounts = new Map<number, bigint>();
  for (const { index, amount } of [...a, ...b]) amounts.set(index, (amounts.get(index) ?? 0n) + amount);
  const all = [...amounts].map(([index, amount]) => ({ index, amount })).toSorted((x, y) => x.index - y.index);
  const first = oldestNow(all, halfLifeMs) - STEPS_MAX;
  return all.filter(({ index }) => index >= first);
}

/** What counts at a moment: each amount with the steps that have passed since. What lies ahead of the clock counts whole. */
export function* countedAt(state: DecayedSteps, nowMs: number, { halfLifeMs }: HalfLife): Generator<readonly [amount: bigint, steps: number]> {
  const now = stepNow(state, nowMs, halfLifeMs);
  for (const { index, amount } of state) if (index >= now - STEPS_MAX) yield [amount, Math.max(0, now - index)];
}

/** When what counts next weighs less, in ms; undefined = never. */
export function nextStepMs(state: DecayedSteps, nowMs: number, { halfLifeMs }: HalfLife): number | undefined {
  const now = stepNow(state, nowMs, halfLifeMs);
  const oldest = state.find(({ index }) => index >= now - STEPS_MAX);
  return oldest && startOfStep(Math.max(now, oldest.index) + 1, halfLifeMs);
}

/** The bytes of the longest state, where an amount takes `amountBytes` at most. */
export const decayedBytesMax = (amountBytes: number, { halfLifeMs = DAY_MS }: HalfLife): number =>
  16 + (2 + amountBytes) * (STEPS_MAX + 3 + stepOf(AHEAD_MAX_MS, halfLifeMs));

export function encodeSteps(state: DecayedSteps, version: number): Uint8Array {
  const writer = new StateWriter(version).whole(state.length);
  state.forEach(({ index, amount }, i) => {
    writer.whole(index - (state[i - 1]?.index ?? 0)).whole(amount);
  });
  return writer.done();
}

export function decodeSteps(bytes: Uint8Array, version: number): DecayedSteps {
  const reader = new StateReader(bytes, version);
  let index = 0;
  return Array.from({ length: reader.whole() }, () => {
    index += reader.whole();
    return { index, amount: reader.big() };
  });
}

/** The step to read at: no earlier than a day before the newest event, for what was older then is let go of. */
const stepNow = (state: DecayedSteps, nowMs: number, halfLifeMs?: number): number => Math.max(stepOf(nowMs, halfLifeMs), oldestNow(state, halfLifeMs));

const oldestNow = (state: DecayedSteps, halfLifeMs?: number): number => (state.at(-1)?.index ?? 0) - stepOf(AHEAD_MAX_MS, halfLifeMs) - 1;
