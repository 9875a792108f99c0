import { type FeatureKind, numberOf, present } from './feature-kind.ts';
import { fromUnits, toUnits } from './scaled.ts';
import { addAmount, decodeTally, emptyTally, encodeTally, mergeTallies, type Tally, tallyAt, tallyBytesMax, tallyChangeMs, tallySideMs } from './tally.ts';

const VERSION = 1;
/** 2^52 events of NUMBER_MAX to six decimals: 122 bits, seven a byte. */
const AMOUNT_BYTES_MAX = 18;

/** The sum of a field, exact to the field's decimals and read in major units; 0 without events. Events without a number there add nothing. */
export const sum: FeatureKind<Tally> = {
  spec: {
    keyword: 'sum',
    operand: 'field',
    options: {
      of: { type: 'event', required: true, doc: 'The event whose field is summed.' },
      window: { type: 'window', required: false, doc: 'Sum only events that are not older than this; all time when absent.' },
    },
    result: 'number',
    bytesMax: ({ windowMs }) => tallyBytesMax(windowMs, AMOUNT_BYTES_MAX),
    doc: 'The sum of a number that the events carry.',
  },
  init: emptyTally,
  step(state, event, declaration) {
    const value = numberOf(event, declaration);
    return value === undefined ? state : addAmount(state, event.timestampMs, toUnits(value, declaration.decimals), declaration.windowMs);
  },
  merge: (a, b, declaration) => mergeTallies(a, b, declaration.windowMs),
  read: (state, nowMs, declaration) => present(fromUnits(tallyAt(state, nowMs, declaration.windowMs), declaration.decimals)),
  nextChangeMs: (state, nowMs, declaration) => tallyChangeMs(state, nowMs, declaration.windowMs),
  nextSideMs(state, nowMs, bound, { windowMs, decimals }) {
    return tallySideMs(state, nowMs, { windowMs, sideOf: (units) => Math.sign(fromUnits(units, decimals) - bound) });
  },
  encode: (state) => encodeTally(state, VERSION),
  decode: (bytes) => decodeTally(bytes, VERSION),
};
