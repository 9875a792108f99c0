import { leftAfter } from './decay.ts';
import { addToStep, countedAt, type DecayedSteps, decayedBytesMax, decodeSteps, encodeSteps, joinSteps, nextStepMs } from './decayed-steps.ts';
import { type FeatureKind, folds, present } from './feature-kind.ts';

const VERSION = 1;
/** 2^52 events, seven bits a byte. */
const AMOUNT_BYTES_MAX = 8;

/**
 * The number of events, each counting 1 when it happens and half as much after every half-life. Time moves in sixteenths of a half-life, the same for
 * all events: between two steps nothing changes. Read to a billionth. 0 when none.
 */
export const decayedCount: FeatureKind<DecayedSteps> = {
  spec: {
    keyword: 'decayed_count',
    operand: 'event',
    options: { half_life: { type: 'half_life', required: true, doc: 'After so long an event counts half; from 1h to a year.' } },
    result: 'number',
    bytesMax: (declaration) => decayedBytesMax(AMOUNT_BYTES_MAX, declaration),
    doc: 'How often the event happened, where each time counts half after every half-life: in steps of a sixteenth of it, so at most 4.4 % too much; what is older than 16 half-lives counts nothing.',
  },
  init: () => [],
  step: (state, event, declaration) => (folds(declaration, event) ? addToStep(state, 1n, event.timestampMs, declaration) : state),
  merge: joinSteps,
  read(state, nowMs, declaration) {
    let sum = 0;
    for (const [amount, steps] of countedAt(state, nowMs, declaration)) sum += Number(amount) * leftAfter(steps);
    return present(Math.round(sum * 1e9) / 1e9);
  },
  nextChangeMs: nextStepMs,
  encode: (state) => encodeSteps(state, VERSION),
  decode: (bytes) => decodeSteps(bytes, VERSION),
};
