import { type FeatureKind, folds } from './feature-kind.ts';
import { decodeListed, encodeListed, K_DEFAULT, LISTED_BYTES_MAX, type Listed, listedOf, listRead } from './listed-values.ts';
import { inWindow, joinDistinct, leavesMs } from './recent-values.ts';

const VERSION = 1;

/** The different values that a field had, the one seen last first. Of more than `k` those that were seen last. Empty when there is none. */
export const set: FeatureKind<Listed> = {
  spec: {
    keyword: 'set',
    operand: 'field',
    options: {
      of: { type: 'event', required: true, doc: 'The event whose field is read.' },
      k: { type: 'k', required: false, doc: `How many are kept: those that were seen last; ${K_DEFAULT} when absent.` },
      window: { type: 'window', required: false, doc: 'Only values that were seen not longer ago than this, to the millisecond; all time when absent.' },
    },
    result: 'list',
    bytesMax: ({ k = K_DEFAULT }) => 8 + k * (7 + LISTED_BYTES_MAX),
    doc: 'The different values that a field had, the one seen last first.',
  },
  init: () => [],
  step: (state, event, declaration) =>
    folds(declaration, event) ? joinDistinct(state, listedOf(event, declaration.field), declaration.k ?? K_DEFAULT) : state,
  merge: (a, b, { k = K_DEFAULT }) => joinDistinct(a, b, k),
  read: (state, nowMs, { windowMs }) => listRead(windowMs === undefined ? state : inWindow(state, nowMs, windowMs)),
  nextChangeMs: (state, nowMs, { windowMs }) => (windowMs === undefined ? undefined : leavesMs(state, nowMs, windowMs)),
  encode: (state) => encodeListed(state, VERSION),
  decode: (bytes) => decodeListed(bytes, VERSION),
};
