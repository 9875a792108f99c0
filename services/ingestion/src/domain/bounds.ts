import type { ErrorCode } from '@attune/kernel/errors';

const DEPTH_MAX = 16;
const KEYS_MAX = 200;
const ENTRIES_MAX = 2_500;
const STRING_CHARACTERS_MAX = 8 * 1024;
const FORBIDDEN: readonly string[] = ['__proto__', 'constructor', 'prototype'];

interface Visit {
  readonly value: unknown;
  readonly field: string;
  readonly depth: number;
}

/** The first place of a parsed JSON value that is out of bounds (depth 16, 200 keys, 2,500 list entries, 8 KiB a text, no forbidden key), or undefined. O(size), without recursion. */
export function boundsFault(root: unknown): { readonly code: ErrorCode; readonly field: string } | undefined {
  const waiting: Visit[] = [{ value: root, field: '', depth: 1 }];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const { value, field, depth } = at;
    if (typeof value === 'number' && !Number.isFinite(value)) return { code: 'NUMBER_NOT_FINITE', field };
    if (typeof value === 'string' && value.length > STRING_CHARACTERS_MAX) return { code: 'STRING_TOO_LONG', field };
    if (typeof value !== 'object' || value === null) continue;
    if (depth > DEPTH_MAX) return { code: 'EVENT_TOO_DEEP', field };
    const entries = Object.entries(value);
    if (entries.length > (Array.isArray(value) ? ENTRIES_MAX : KEYS_MAX)) return { code: 'EVENT_TOO_MANY_KEYS', field };
    for (const [key, child] of entries) {
      const name = field === '' ? key : `${field}.${key}`;
      if (FORBIDDEN.includes(key)) return { code: 'KEY_FORBIDDEN', field: name.slice(0, 200) };
      waiting.push({ value: child, field: name.slice(0, 200), depth: depth + 1 });
    }
  }
  return undefined;
}
