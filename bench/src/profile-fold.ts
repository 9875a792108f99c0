import type { LogRecord, NewRecord } from '@attune/event-log/port';
import type { ProcessorDefinition } from '@attune/processor/definition';
import { startCost } from './measure.ts';
import { TENANT } from './shop-activity.ts';

/** Processor time in s, by what it went to. */
export interface FoldCost {
  readonly foldS: number;
  readonly encodeS: number;
  /** Bytes of the states at the end, in the mean. */
  readonly stateBytes: number;
}

/** So many records are folded before their states are written, as in a step of the processor. */
const STEP = 500;

/** Folds records that lie in memory into fresh states, no log and no store; each step's changed states are encoded once, as a commit does. */
export function foldInMemory<S>(definition: ProcessorDefinition<S>, records: readonly LogRecord[]): FoldCost {
  const states = new Map<string, S>();
  const stateOf = (key: string): S => {
    const known = states.get(key) ?? definition.empty();
    states.set(key, known);
    return known;
  };
  const bytesOf = new Map<string, number>();
  let [foldS, encodeS] = [0, 0];
  for (let from = 0; from < records.length; from += STEP) {
    const changed = new Set<string>();
    const folding = startCost();
    for (const record of records.slice(from, from + STEP)) {
      const key = definition.keyOf(record);
      definition.fold(stateOf(key), record, stateOf(definition.companionKey?.(record) ?? key));
      changed.add(key);
    }
    foldS += folding().cpuS;
    const encoding = startCost();
    for (const key of changed) bytesOf.set(key, definition.encode(stateOf(key))?.length ?? 0);
    encodeS += encoding().cpuS;
  }
  return { foldS, encodeS, stateBytes: [...bytesOf.values()].reduce((a, b) => a + b, 0) / bytesOf.size };
}

/** Records as one partition's owner is given them. */
export const asFetched = (records: readonly NewRecord[], topic: string): readonly LogRecord[] =>
  records.map(({ key, value, headers = {} }, offset) => ({ topic, partition: 0, offset, appendedAtMs: 0, tenant: TENANT, key, value, headers }));
