import { Activity, type CustomerEvent } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import { profilesDefinition } from '@attune/feature-store/composition';
import { systemStopwatch } from '@attune/runtime/world';
import { KeyRing } from '@attune/sealing/key-ring';
import { SqliteKeyStore } from '@attune/sealing/sqlite-key-store';
import { shareLine, startProfile } from './cpu-profile.ts';
import { countFrom, type Env, median, startCost } from './measure.ts';
import { asFetched, foldInMemory } from './profile-fold.ts';
import { configurationRecord, shopConfigurations, TENANT, yearOf } from './shop-activity.ts';
import { printTable } from './table.ts';

type Definition = ReturnType<typeof profilesDefinition>;

interface Shop {
  readonly ring: KeyRing;
  readonly definition: Definition;
  readonly records: readonly LogRecord[];
}

/**
 * The fold of the example shop in memory, no log and no store: what a record costs, and what of that is spent before anything is folded. The first row is what
 * anybody must do who reads these records, and the floor of `profiles` does.
 */
export async function shopFold(env: Env): Promise<void> {
  const rounds = countFrom(env, 'BENCH_ROUNDS', 5);
  const [profiles, each] = [countFrom(env, 'BENCH_KEYS', 4_000), countFrom(env, 'BENCH_EACH', 6)];
  const shop = await shopOf({ profiles, each });
  const rows = [
    ['record and its open fields parsed', perRecord(shop, rounds, parsed)],
    ['  opened and parsed, too', perRecord(shop, rounds, (record) => opened(shop.ring, record))],
  ] as const;
  const folds = Array.from({ length: rounds + 1 }, () => foldInMemory(shop.definition, shop.records)).slice(1);
  const usEach = (of: (cost: (typeof folds)[number]) => number): string => ((1e6 * median(folds.map(of))) / shop.records.length).toFixed(1);
  console.log(`the fold of the example shop in memory, ${shop.records.length} records of ${profiles} profiles, median of ${rounds}, processor time:`);
  printTable(
    ['what', 'µs a record'],
    [
      ...rows.map(([name, us]) => [name, us.toFixed(1)]),
      ['read, open, fold', usEach(({ foldS }) => foldS)],
      ['states to bytes', usEach(({ encodeS }) => encodeS)],
      ['both', usEach(({ foldS, encodeS }) => foldS + encodeS)],
    ],
  );
  const profiled = await startProfile();
  for (let round = 0; round < rounds; round++) foldInMemory(shop.definition, shop.records);
  console.log(`where it goes: ${shareLine(await profiled())}; ${folds[0]?.stateBytes.toFixed(0)} B a profile`);
}

async function shopOf({ profiles, each }: { readonly profiles: number; readonly each: number }): Promise<Shop> {
  const keys = new SqliteKeyStore({ path: ':memory:', secrets: { get: async () => Buffer.alloc(32, 1) } });
  const ring = new KeyRing(keys, systemStopwatch);
  const configurations = shopConfigurations();
  const definition = profilesDefinition(ring, configurations);
  const year = await yearOf(ring, { profiles, records: each });
  return { ring, definition, records: asFetched([configurationRecord(configurations, 0), ...year], definition.topic) };
}

function perRecord({ records }: Shop, rounds: number, work: (record: LogRecord) => unknown): number {
  const costs = Array.from({ length: rounds + 1 }, () => {
    const cost = startCost();
    for (const record of records) work(record);
    return cost().cpuS;
  }).slice(1);
  return (1e6 * median(costs)) / records.length;
}

function parsed({ value }: LogRecord): CustomerEvent | undefined {
  const { record } = Activity.decode(value);
  if (record?.$case !== 'event') return undefined;
  JSON.parse(record.value.openJson);
  return record.value;
}

function opened(ring: KeyRing, record: LogRecord): void {
  const event = parsed(record);
  if (event?.sealed === undefined) return;
  const plain = ring.open(event.sealed, { tenant: TENANT, subject: record.key, id: event.messageId });
  JSON.parse(Buffer.from(plain).toString());
}
