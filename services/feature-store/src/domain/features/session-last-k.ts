import type { FeatureDeclaration } from '@attune/kernel/feature-kind';
import { type FeatureKind, folds } from './feature-kind.ts';
import { decodeListed, encodeListed, K_DEFAULT, LISTED_BYTES_MAX, type Listed, listedOf, listRead } from './listed-values.ts';
import { joinValues } from './recent-values.ts';

const VERSION = 1;
const MINUTE_MS = 60_000;
/** After so long without an event a session is over, where a feature does not say. */
const GAP_DEFAULT_MS = 30 * MINUTE_MS;

/**
 * The values of a field at the newest events of the session that is open, newest first, of one moment the greater value. A session is a chain of events that carry
 * the field, none of them more than the gap after the one before (a session window of Beam and Flink); once the gap has passed since the newest it is over, and the list empty.
 */
export const sessionLastK: FeatureKind<Listed> = {
  spec: {
    keyword: 'session_last_k',
    operand: 'field',
    options: {
      of: { type: 'event', required: true, doc: 'The event whose field is read.' },
      k: { type: 'k', required: true, doc: 'How many.' },
      gap: { type: 'window', required: false, doc: 'After so long without such an event the session is over, to the millisecond; 30m when absent.' },
    },
    result: 'list',
    bytesMax: ({ k = K_DEFAULT }) => 8 + k * (7 + LISTED_BYTES_MAX),
    doc: 'The values of a field at the newest `k` events of the open session, newest first; empty once the session is over.',
  },
  init: () => [],
  step: (state, event, declaration) => (folds(declaration, event) ? joinValues(state, listedOf(event, declaration.field), declaration.k ?? K_DEFAULT) : state),
  merge: (a, b, { k = K_DEFAULT }) => joinValues(a, b, k),
  read: (state, nowMs, declaration) => listRead(isOpen(state, nowMs, declaration) ? chainOf(state, declaration) : []),
  nextChangeMs: (state, nowMs, declaration) => (isOpen(state, nowMs, declaration) ? overMs(state, declaration) : undefined),
  encode: (state) => encodeListed(state, VERSION),
  decode: (bytes) => decodeListed(bytes, VERSION),
};

const gapOf = ({ windowMs = GAP_DEFAULT_MS }: FeatureDeclaration): number => windowMs;

const overMs = ([newest]: Listed, declaration: FeatureDeclaration): number => (newest?.atMs ?? 0) + gapOf(declaration) + 1;

const isOpen = (state: Listed, nowMs: number, declaration: FeatureDeclaration): boolean => state.length > 0 && nowMs < overMs(state, declaration);

/** Newer values than the kept ones do not exist, so the chain back from the newest is whole as far as it is kept. */
function chainOf(state: Listed, declaration: FeatureDeclaration): Listed {
  const broken = state.findIndex(({ atMs }, i) => (state[i - 1]?.atMs ?? atMs) - atMs > gapOf(declaration));
  return broken < 0 ? state : state.slice(0, broken);
}
