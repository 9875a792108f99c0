import type { FeatureDeclaration } from '@attune/kernel/feature-kind';
import { leftAfter } from './decay.ts';
import { addToStep, countedAt, type DecayedSteps, decayedBytesMax, decodeSteps, encodeSteps, joinSteps, nextStepMs } from './decayed-steps.ts';
import { type FeatureKind, numberOf, present } from './feature-kind.ts';
import { fromUnits, toUnits } from './scaled.ts';

const VERSION = 1;
/** 2^52 events of NUMBER_MAX to six decimals: 122 bits, seven a byte. */
const AMOUNT_BYTES_MAX = 18;
/** What is left of 1 is counted in these parts, so that sums are whole numbers and do not depend on their order. */
const WHOLE = 2 ** 40;
/** So many decimals more than the field has are answered. */
const MORE_DECIMALS = 4;

/**
 * The sum of a field, each number counting half as much after every half-life, in the steps of `decayed_count`. To four decimals more than the field has.
 * With `by` it is a vector of decayed sums, such as interest by category. 0 when none.
 */
export const decayedSum: FeatureKind<DecayedSteps> = {
  spec: {
    keyword: 'decayed_sum',
    operand: 'field',
    options: {
      of: { type: 'event', required: true, doc: 'The event whose field is summed.' },
      half_life: { type: 'half_life', required: true, doc: 'After so long a number counts half; from 1h to a year.' },
    },
    result: 'number',
    bytesMax: (declaration) => decayedBytesMax(AMOUNT_BYTES_MAX, declaration),
    doc: 'The sum of a number that the events carry, where each counts half after every half-life: in steps of a sixteenth of it, so at most 4.4 % too much; what is older than 16 half-lives counts nothing.',
  },
  init: () => [],
  step(state, event, declaration) {
    const value = numberOf(event, declaration);
    return value === undefined ? state : addToStep(state, toUnits(value, declaration.decimals), event.timestampMs, declaration);
  },
  merge: joinSteps,
  read: (state, nowMs, declaration) => present(valueAt(state, nowMs, declaration)),
  nextChangeMs(state, nowMs, declaration) {
    const now = valueAt(state, nowMs, declaration);
    // Numbers that cancel each other, and what is too small to be read, change nothing for some steps.
    for (let atMs = nextStepMs(state, nowMs, declaration); atMs !== undefined; atMs = nextStepMs(state, atMs, declaration))
      if (!Object.is(valueAt(state, atMs, declaration), now)) return atMs;
    return undefined;
  },
  encode: (state) => encodeSteps(state, VERSION),
  decode: (bytes) => decodeSteps(bytes, VERSION),
};

function valueAt(state: DecayedSteps, nowMs: number, declaration: FeatureDeclaration): number {
  let sum = 0n;
  for (const [amount, steps] of countedAt(state, nowMs, declaration)) sum += amount * BigInt(Math.round(leftAfter(steps) * WHOLE));
  return fromUnits((sum * 10n ** BigInt(MORE_DECIMALS)) / BigInt(WHOLE), declaration.decimals + MORE_DECIMALS);
}
