import { type FeatureEvent, type FeatureKind, folds, missing, type PlainValue, present } from './feature-kind.ts';
import { StateReader, StateWriter } from './state-bytes.ts';

const VERSION = 1;

/** The newest sight of the field; among sights of one moment the greater messageId counts, then the greater value, so that order cannot matter. */
interface Sight {
  readonly atMs: number;
  readonly messageId: string;
  readonly value: PlainValue;
}

/** Undefined until the first sight. */
export type Last = Sight | undefined;

/** The value of a field at the newest event that carries it: number, text or truth. Missing before. The state is as large as the door lets a text be. */
export const last: FeatureKind<Last> = {
  spec: {
    keyword: 'last',
    operand: 'field',
    options: { of: { type: 'event', required: true, doc: 'The event whose field is read.' } },
    result: 'field',
    doc: 'The value of a field at the newest event that carries it.',
  },
  init: () => undefined,
  step: (state, event, declaration) => (folds(declaration, event) ? newer(state, sightOf(event, declaration.field)) : state),
  merge: (a, b) => newer(a, b),
  read: (state) => (state ? present(state.value) : missing),
  encode(state) {
    const writer = new StateWriter(VERSION).whole(state ? 1 : 0);
    if (state) writer.whole(state.atMs).text(state.messageId).text(JSON.stringify(state.value));
    return writer.done();
  },
  decode(bytes) {
    const reader = new StateReader(bytes, VERSION);
    return reader.whole() === 0 ? undefined : { atMs: reader.whole(), messageId: reader.text(), value: JSON.parse(reader.text()) };
  },
};

function sightOf(event: FeatureEvent, field: string | undefined): Last {
  const value = field === undefined ? undefined : event.fields[field];
  const { timestampMs: atMs, messageId } = event;
  if (typeof value === 'string' || typeof value === 'boolean') return { atMs, messageId, value };
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  return { atMs, messageId, value: value || 0 }; // -0 has no text of its own
}

function newer(a: Last, b: Last): Last {
  if (!a || !b) return a ?? b;
  if (a.atMs !== b.atMs) return a.atMs > b.atMs ? a : b;
  if (a.messageId !== b.messageId) return a.messageId > b.messageId ? a : b;
  return JSON.stringify(a.value) >= JSON.stringify(b.value) ? a : b;
}
