import { type NamedValue, type Value, ValueStatus } from '@attune/contracts/messages/common/v1/common';
import type { Cell, CellType } from '../ports.ts';

/** What became of a value in a row. */
export type CellStatus = 'present' | 'stale' | 'missing' | 'withheld' | 'erased';

const words: Readonly<Partial<Record<ValueStatus, CellStatus>>> = {
  [ValueStatus.VALUE_STATUS_PRESENT]: 'present',
  [ValueStatus.VALUE_STATUS_STALE]: 'stale',
  [ValueStatus.VALUE_STATUS_WITHHELD]: 'withheld',
  [ValueStatus.VALUE_STATUS_ERASED]: 'erased',
};

/** How a value was answered. */
export const statusOf = ({ status }: NamedValue): CellStatus => words[status] ?? 'missing';

/** A value as a cell of its column; null where there is none. Lists, and values by name, are JSON. */
export function cellOf({ value }: NamedValue, type: CellType): Cell {
  const kind = value?.kind;
  if (kind === undefined) return null;
  if (type === 'json') return JSON.stringify(plainOf(value));
  if (kind.$case === 'number' || kind.$case === 'text' || kind.$case === 'truth') return kind.value;
  return null;
}

function plainOf(value: Value | undefined): unknown {
  const kind = value?.kind;
  switch (kind?.$case) {
    case 'texts':
    case 'numbers':
      return kind.value.values;
    case 'items':
      return kind.value.items.map(({ id, atMs }) => ({ id, at_ms: atMs.map(Number) }));
    case 'byName': {
      const { values } = kind.value;
      return Object.fromEntries(
        Object.keys(values)
          .toSorted()
          .map((name) => [name, plainOf(values[name])]),
      );
    }
    default:
      return kind?.value ?? null;
  }
}
