import { unitHash } from '@attune/kernel/hash';
import { type FeatureEvent, type FeatureKind, folds, NUMBER_MAX, present } from './feature-kind.ts';
import { estimateOf, HASH_BITS, noRegisters, noteHash, REGISTERS, type Registers, unionOf } from './hyper-log-log.ts';
import { inWindow, joinDistinct, leavesMs, type RecentValues, readValues, recentBytesMax, writeValues } from './recent-values.ts';
import { StateReader, StateWriter } from './state-bytes.ts';

const VERSION = 1;
/** So many different values are counted exactly over all time. */
export const EXACT_MAX = 128;
const HASH_BYTES_MAX = 8;

/** Over all time the hashes while they are few, ascending, then registers; in a window the hashes with their newest sight. */
export type UniqueCount =
  | undefined
  | { readonly kind: 'few'; readonly hashes: readonly number[] }
  | { readonly kind: 'many'; readonly registers: Registers }
  | { readonly kind: 'window'; readonly seen: RecentValues };

/**
 * How many different values a field had; 0 when none. Texts, numbers, true and false count, told apart by 53 bits of a hash. Over all time exact up to 128,
 * above it HyperLogLog with a standard error of 3.25 %. In a window exact up to 512; of more, the 512 seen last count.
 */
export const uniqueCount: FeatureKind<UniqueCount> = {
  spec: {
    keyword: 'unique_count',
    operand: 'field',
    options: {
      of: { type: 'event', required: true, doc: 'The event whose field is read.' },
      window: { type: 'window', required: false, doc: 'Only values that were seen not longer ago than this count, to the millisecond; all time when absent.' },
    },
    result: 'number',
    anyField: true,
    keepsField: true,
    bytesMax: ({ windowMs }) => 16 + (windowMs === undefined ? Math.max(REGISTERS, EXACT_MAX * HASH_BYTES_MAX) : recentBytesMax(HASH_BYTES_MAX)),
    doc: 'How many different values a field had. Exact up to 128 over all time, above it with a standard error of 3.25 %; in a window exact up to 512, and never more.',
  },
  init: () => undefined,
  step(state, event, declaration) {
    const hash = folds(declaration, event) ? hashOf(event, declaration.field) : undefined;
    if (hash === undefined) return state;
    if (state?.kind === 'many') {
      noteHash(state.registers, hash);
      return state;
    }
    if (declaration.windowMs === undefined) return join(state, { kind: 'few', hashes: [hash] });
    return join(state, { kind: 'window', seen: [{ atMs: event.timestampMs, value: hash }] });
  },
  merge: join,
  read(state, nowMs, { windowMs = 0 }) {
    if (state === undefined) return present(0);
    if (state.kind === 'few') return present(state.hashes.length);
    return present(state.kind === 'many' ? estimateOf(state.registers) : inWindow(state.seen, nowMs, windowMs).length);
  },
  nextChangeMs: (state, nowMs, { windowMs = 0 }) => (state?.kind === 'window' ? leavesMs(state.seen, nowMs, windowMs) : undefined),
  encode,
  decode,
};

function hashOf({ fields }: FeatureEvent, field: string | undefined): number | undefined {
  const value = field === undefined ? undefined : fields[field];
  const counts = typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Math.abs(value) <= NUMBER_MAX);
  return counts ? unitHash(`${typeof value} ${value}`) * 2 ** HASH_BITS : undefined;
}

function join(a: UniqueCount, b: UniqueCount): UniqueCount {
  if (a === undefined || b === undefined) return a ?? b;
  if (a.kind === 'window' || b.kind === 'window')
    return a.kind === 'window' && b.kind === 'window' ? { kind: 'window', seen: joinDistinct(a.seen, b.seen) } : a;
  if (a.kind === 'few' && b.kind === 'few') {
    if (b.hashes.every((hash) => a.hashes.includes(hash))) return a;
    const hashes = [...new Set([...a.hashes, ...b.hashes])].toSorted((x, y) => x - y);
    return hashes.length <= EXACT_MAX ? { kind: 'few', hashes } : { kind: 'many', registers: registersOf(hashes) };
  }
  return { kind: 'many', registers: unionOf(manyOf(a), manyOf(b)) };
}

const manyOf = (state: { readonly kind: 'few'; readonly hashes: readonly number[] } | { readonly kind: 'many'; readonly registers: Registers }): Registers =>
  state.kind === 'many' ? state.registers : registersOf(state.hashes);

function registersOf(hashes: readonly number[]): Registers {
  const registers = noRegisters();
  for (const hash of hashes) noteHash(registers, hash);
  return registers;
}

const [NOTHING, FEW, MANY, WINDOW] = [0, 1, 2, 3] as const;

function encode(state: UniqueCount): Uint8Array {
  const writer = new StateWriter(VERSION);
  if (state === undefined) return writer.whole(NOTHING).done();
  if (state.kind === 'window') return writeValues(writer.whole(WINDOW), state.seen, (hash) => writer.whole(hash)).done();
  if (state.kind === 'many') writer.whole(MANY);
  else writer.whole(FEW).whole(state.hashes.length);
  for (const part of state.kind === 'many' ? state.registers : state.hashes) writer.whole(part);
  return writer.done();
}

function decode(bytes: Uint8Array): UniqueCount {
  const reader = new StateReader(bytes, VERSION);
  const tag = reader.whole();
  if (tag === NOTHING) return undefined;
  if (tag === WINDOW) return { kind: 'window', seen: readValues(reader, () => reader.whole()) };
  if (tag === MANY) return { kind: 'many', registers: noRegisters().map(() => reader.whole()) };
  return { kind: 'few', hashes: Array.from({ length: reader.whole() }, () => reader.whole()) };
}
