import { type NamedValue, ValueStatus } from '@attune/contracts/messages/common/v1/common';

/** A value that a model reads, as the configuration declares it. */
export interface RowInput {
  readonly name: string;
  /** What stands for a text. */
  readonly codes?: Readonly<Record<string, number>>;
  readonly missing: 'nan' | 'refuse' | number;
}

/** What becomes of values that cannot be read. */
export interface RowPolicy {
  readonly inputs: readonly RowInput[];
  readonly withheld: 'refuse' | 'missing';
  readonly staleAfterMs?: number;
}

/** What a model reads of a profile, and what it cannot. */
export interface ModelRow {
  /** One number a value of the view; NaN = missing. */
  readonly values: Float64Array;
  /** Names of the view in its order. */
  readonly missing: readonly string[];
  readonly withheld: readonly string[];
  readonly stale: readonly string[];
  /** Why there is no prediction: consent does not cover a value, or one is missing that must be there, or all are. */
  readonly refused?: 'withheld' | 'not_enough_data';
}

/** The row that a model reads at `nowMs`, by what its configuration says of values that are missing, withheld or stale. */
export function rowOfValues({ inputs, withheld, staleAfterMs = Number.POSITIVE_INFINITY }: RowPolicy, values: readonly NamedValue[], nowMs: number): ModelRow {
  const byName = new Map(values.map((value) => [value.name, value]));
  const read = inputs.map((input) => readOne(input, byName.get(input.name), nowMs - staleAfterMs));
  const named = (kind: Read['kind']): string[] => inputs.flatMap(({ name }, i) => (read[i]?.kind === kind ? [name] : []));
  const lacks = inputs.some(({ missing }, i) => missing === 'refuse' && (read[i]?.kind === 'missing' || read[i]?.kind === 'stale'));
  const row = {
    values: Float64Array.from(inputs, ({ missing }, i) => read[i]?.number ?? (typeof missing === 'number' ? missing : Number.NaN)),
    missing: named('missing'),
    withheld: named('withheld'),
    stale: named('stale'),
  };
  if (withheld === 'refuse' && row.withheld.length > 0) return { ...row, refused: 'withheld' };
  return lacks || read.every(({ kind }) => kind !== 'present') ? { ...row, refused: 'not_enough_data' } : row;
}

interface Read {
  readonly kind: 'present' | 'missing' | 'withheld' | 'stale';
  readonly number?: number;
}

function readOne(input: RowInput, named: NamedValue | undefined, oldestMs: number): Read {
  if (named === undefined) return { kind: 'missing' };
  const { status, eventTimeMs } = named;
  if (status === ValueStatus.VALUE_STATUS_WITHHELD || status === ValueStatus.VALUE_STATUS_ERASED) return { kind: 'withheld' };
  if (status === ValueStatus.VALUE_STATUS_STALE) return { kind: 'stale' };
  const number = status === ValueStatus.VALUE_STATUS_PRESENT ? numberOf(input, named) : undefined;
  if (number === undefined) return { kind: 'missing' };
  // Where no event is behind a value, nothing of it is old.
  return eventTimeMs > 0n && Number(eventTimeMs) < oldestMs ? { kind: 'stale' } : { kind: 'present', number };
}

/** Undefined where the model has no number for it. */
function numberOf({ codes }: RowInput, { value }: NamedValue): number | undefined {
  switch (value?.kind?.$case) {
    case 'number':
      return value.kind.value;
    case 'truth':
      return value.kind.value ? 1 : 0;
    case 'text':
      return codes !== undefined && Object.hasOwn(codes, value.kind.value) ? codes[value.kind.value] : undefined;
    default:
      return undefined;
  }
}
