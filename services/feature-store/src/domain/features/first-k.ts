import { type FeatureKind, folds } from './feature-kind.ts';
import { decodeListed, encodeListed, K_DEFAULT, LISTED_BYTES_MAX, type Listed, listedOf, listRead } from './listed-values.ts';
import { newestFirst } from './recent-values.ts';

const VERSION = 1;

/** The values of a field at the oldest events that carry it, oldest first, of one moment the lesser value. Empty when there is none. */
export const firstK: FeatureKind<Listed> = {
  spec: {
    keyword: 'first_k',
    operand: 'field',
    options: {
      of: { type: 'event', required: true, doc: 'The event whose field is read.' },
      k: { type: 'k', required: true, doc: 'How many.' },
    },
    result: 'list',
    bytesMax: ({ k = K_DEFAULT }) => 8 + k * (7 + LISTED_BYTES_MAX),
    doc: 'The values of a field at the oldest `k` events that carry it, oldest first.',
  },
  init: () => [],
  step: (state, event, declaration) => (folds(declaration, event) ? join(state, listedOf(event, declaration.field), declaration.k) : state),
  merge: (a, b, { k }) => join(a, b, k),
  read: listRead,
  encode: (state) => encodeListed(state, VERSION),
  decode: (bytes) => decodeListed(bytes, VERSION),
};

const join = (a: Listed, b: Listed, k = K_DEFAULT): Listed => (b.length === 0 ? a : [...a, ...b].toSorted((x, y) => newestFirst(y, x)).slice(0, k));
