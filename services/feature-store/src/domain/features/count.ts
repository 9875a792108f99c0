import { type FeatureKind, folds, present } from './feature-kind.ts';
import { addAmount, decodeTally, emptyTally, encodeTally, mergeTallies, type Tally, tallyAt, tallyBytesMax, tallyChangeMs, tallySideMs } from './tally.ts';

const VERSION = 1;
/** 2^52 events, seven bits a byte. */
const AMOUNT_BYTES_MAX = 8;

/** How often the event happened, over all time or the window; 0 when never. Edges of the window: see Tally. */
export const count: FeatureKind<Tally> = {
  spec: {
    keyword: 'count',
    operand: 'event',
    options: { window: { type: 'window', required: false, doc: 'Count only events that are not older than this; all time when absent.' } },
    result: 'number',
    bytesMax: ({ windowMs }) => tallyBytesMax(windowMs, AMOUNT_BYTES_MAX),
    doc: 'How often the event happened.',
  },
  init: emptyTally,
  step: (state, event, declaration) => (folds(declaration, event) ? addAmount(state, event.timestampMs, 1, declaration.windowMs) : state),
  merge: (a, b, declaration) => mergeTallies(a, b, declaration.windowMs),
  read: (state, nowMs, declaration) => present(Number(tallyAt(state, nowMs, declaration.windowMs))),
  nextChangeMs: (state, nowMs, declaration) => tallyChangeMs(state, nowMs, declaration.windowMs),
  nextSideMs: (state, nowMs, bound, { windowMs }) => tallySideMs(state, nowMs, { windowMs, sideOf: (amount) => Math.sign(Number(amount) - bound) }),
  encode: (state) => encodeTally(state, VERSION),
  decode: (bytes) => decodeTally(bytes, VERSION),
};
