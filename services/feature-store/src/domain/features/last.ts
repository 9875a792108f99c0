import { type FeatureKind, folds } from './feature-kind.ts';
import { decodeSight, encodeSight, newerSight, readSight, SIGHT_BYTES_MAX, type Sight, sightOf } from './sight.ts';

const VERSION = 1;

/** The value of a field at the newest event that carries it: number, text or truth. Missing before. */
export const last: FeatureKind<Sight | undefined> = {
  spec: {
    keyword: 'last',
    operand: 'field',
    options: { of: { type: 'event', required: true, doc: 'The event whose field is read.' } },
    result: 'field',
    bytesMax: () => SIGHT_BYTES_MAX,
    doc: 'The value of a field at the newest event that carries it.',
  },
  init: () => undefined,
  step: (state, event, declaration) => (folds(declaration, event) ? newerSight(state, sightOf(event, declaration.field)) : state),
  merge: newerSight,
  read: readSight,
  encode: (state) => encodeSight(state, VERSION),
  decode: (bytes) => decodeSight(bytes, VERSION),
};
