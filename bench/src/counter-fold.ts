import type { LogRecord } from '@attune/event-log/port';
import type { FoldResult, ProcessorDefinition } from '@attune/processor/definition';

/** One flat record of 320 bytes: 24 counters of hours, then the fields below. */
export type Counters = Float64Array;

const HOURS = 24;
const SUM = 24;
const LAST_MS = 25;
const SCORE = 26;
const HOUR = 27;
const TOTAL = 28;
const FIELDS = 40;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** What the benchmarks send: about 300 bytes in JSON, as a page view of a shop would be. */
export interface BenchEvent {
  readonly customerId: string;
  readonly ts: number;
  readonly value: number;
}

export const emptyCounters = (): Counters => new Float64Array(FIELDS);

/** The same bytes as the state, in memory of their own. */
export function copyOf(state: Counters): Uint8Array {
  const bytes = Buffer.allocUnsafe(state.byteLength);
  bytes.set(new Uint8Array(state.buffer));
  return bytes;
}

/** How many events the state has counted. */
export const totalOf = (state: Counters): number => state[TOTAL] ?? 0;

/** Counts the event in its hour, in a sum, and in a score that decays by a day. In place. */
export function count(state: Counters, { ts, value }: BenchEvent): void {
  const hour = Math.floor(ts / HOUR_MS);
  const lastHour = at(state, HOUR);
  for (let passed = Math.max(lastHour + 1, hour - HOURS + 1); passed <= hour; passed++) state[passed % HOURS] = 0;
  if (hour > lastHour) state[HOUR] = hour;
  state[hour % HOURS] = at(state, hour % HOURS) + 1;
  state[SUM] = at(state, SUM) + value;
  state[SCORE] = at(state, SCORE) * Math.exp((at(state, LAST_MS) - ts) / DAY_MS) + 1;
  state[LAST_MS] = ts;
  state[TOTAL] = at(state, TOTAL) + 1;
}

const at = (state: Counters, index: number): number => state[index] ?? 0;

export const parseEvent = (value: Uint8Array): BenchEvent => JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString()) as BenchEvent;

const quiet: FoldResult = { emissions: [] };

/** The counters as a use of the processor, under a name (consumer group and slots) and a topic of their own. */
export const counterDefinition = (name: string, topic: string): ProcessorDefinition<Counters> => ({
  name,
  topic,
  keyOf: ({ tenant, key }: LogRecord) => `${tenant}:counters:${key}`,
  empty: emptyCounters,
  decode: (bytes) => new Float64Array(Uint8Array.from(bytes).buffer),
  encode: copyOf,
  fold: (state, record) => {
    count(state, parseEvent(record.value));
    return quiet;
  },
});

/** The `index`-th event of the benchmark: keys in a fixed scattered order, one second apart. */
export function benchEvent(index: number, keys: number): { readonly key: string; readonly value: Uint8Array } {
  const key = `u${String((index * 7_919) % keys).padStart(9, '0')}`;
  const event = {
    customerId: key,
    ts: 1_700_000_000_000 + index * 1_000,
    value: (index % 997) / 7,
    type: 'track',
    event: 'Product Viewed',
    messageId: `m-${String(index).padStart(32, '0')}`,
    properties: { sku: `sku-${index % 5_000}`, category: 'shoes', currency: 'EUR', url: `https://shop.example/p/${index % 5_000}` },
    context: { locale: 'en-GB', page: '/p' },
  };
  return { key, value: Buffer.from(JSON.stringify(event)) };
}
