import { type FeatureKind, folds } from './feature-kind.ts';
import { decodeListed, encodeListed, K_DEFAULT, LISTED_BYTES_MAX, type Listed, listedOf, listRead } from './listed-values.ts';
import { inWindow, joinValues, leavesMs } from './recent-values.ts';

const VERSION = 1;

/** The values of a field at the newest events that carry it, newest first, of one moment the greater value. Empty when there is none. */
export const lastK: FeatureKind<Listed> = {
  spec: {
    keyword: 'last_k',
    operand: 'field',
    options: {
      of: { type: 'event', required: true, doc: 'The event whose field is read.' },
      k: { type: 'k', required: true, doc: 'How many.' },
      window: { type: 'window', required: false, doc: 'Only events that are not older than this count, to the millisecond; all time when absent.' },
    },
    result: 'list',
    bytesMax: ({ k = K_DEFAULT }) => 8 + k * (7 + LISTED_BYTES_MAX),
    doc: 'The values of a field at the newest `k` events that carry it, newest first.',
  },
  init: () => [],
  step: (state, event, declaration) => (folds(declaration, event) ? joinValues(state, listedOf(event, declaration.field), declaration.k ?? K_DEFAULT) : state),
  merge: (a, b, { k = K_DEFAULT }) => joinValues(a, b, k),
  read: (state, nowMs, { windowMs }) => listRead(windowMs === undefined ? state : inWindow(state, nowMs, windowMs)),
  nextChangeMs: (state, nowMs, { windowMs }) => (windowMs === undefined ? undefined : leavesMs(state, nowMs, windowMs)),
  encode: (state) => encodeListed(state, VERSION),
  decode: (bytes) => decodeListed(bytes, VERSION),
};
