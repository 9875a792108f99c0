import type { LogRecord } from '@attune/event-log/port';
import type { Emission, FoldResult, ProcessorDefinition } from '@attune/processor/definition';

/** A small ledger: how often a key was seen, a sum that depends on order, and a wish to be woken. The companion of the partition is one too: it counts all records. */
export interface Ledger {
  count: number;
  chain: number;
  wakeAtMs: number;
}

export const IN = 'in';
export const OUT = 'out';
const text = new TextEncoder();
const plain = new TextDecoder();
const emission = (record: LogRecord, kind: string, body: unknown): Emission => ({
  id: `${record.partition}:${record.offset}:${kind}`,
  tenant: record.tenant,
  topic: OUT,
  key: record.key,
  value: text.encode(JSON.stringify(body)),
  headers: {},
});

/** The key of a record that belongs to the partition itself, as a configuration does: its own state is the companion. */
export const PARTITION_KEY = 'partition';
const COMPANION = `default:ledger:${PARTITION_KEY}`;

/**
 * The fold that the simulation runs: deterministic, order-sensitive, with emissions, due times, records that cannot be folded,
 * and a companion whose count and sum stand in every emission, so that a record lost, doubled or moved shows in all that follow.
 */
export const ledgerFold: ProcessorDefinition<Ledger> = {
  name: 'ledger',
  topic: IN,
  keyOf: (record) => `default:ledger:${record.key}`,
  empty: () => ({ count: 0, chain: 7, wakeAtMs: 0 }),
  decode: (bytes) => JSON.parse(plain.decode(bytes)) as Ledger,
  encode: (state) => text.encode(JSON.stringify(state)),
  companionKey: () => COMPANION,
  fold: (state, record, companion): FoldResult => {
    const { amount, poison, due } = JSON.parse(plain.decode(record.value)) as { amount: number; poison?: boolean; due?: number };
    companion.count++;
    companion.chain = (companion.chain * 37 + amount + record.key.length) % 1_000_003;
    if (state === companion) return { emissions: [emission(record, 'counted', { ...companion })] };
    const body = (): object => ({ ...state, of: companion.count, after: companion.chain });
    if (due !== undefined) {
      if (state.wakeAtMs !== due) return wish(state, []);
      state.wakeAtMs = 0;
      state.chain = (state.chain * 31 + 5) % 1_000_003;
      return { emissions: [emission(record, 'woken', body())] };
    }
    state.count++;
    if (poison) throw new Error('poison');
    state.chain = (state.chain * 31 + amount) % 1_000_003;
    if (amount % 11 === 0) state.wakeAtMs = record.appendedAtMs + 3_000;
    return wish(state, amount % 3 === 0 ? [emission(record, 'seen', body())] : []);
  },
  dueRecord: (key, dueAtMs) => ({ key: key.split(':')[2] ?? '', value: text.encode(JSON.stringify({ amount: 0, due: dueAtMs })) }),
  rejection: (record, code) => emission(record, 'rejected', { code }),
};

const wish = (state: Ledger, emissions: readonly Emission[]): FoldResult => (state.wakeAtMs > 0 ? { emissions, dueAtMs: state.wakeAtMs } : { emissions });
