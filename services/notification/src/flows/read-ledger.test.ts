import { readFileSync } from 'node:fs';
import { Configurations } from '@attune/configuration/configurations';
import { testKinds } from '@attune/configuration/test-kinds.fixture';
import { ConfigurationActivated, Decision, Delivery, DeliveryState, Due } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import { afterRecord, encodeWatermark } from '@attune/processor/watermark';
import { systemStopwatch } from '@attune/runtime/world';
import { SqliteStateStore } from '@attune/state-store/sqlite-state-store';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { emptyLedger, type Ledger } from '../domain/ledger.ts';
import { DELIVERIES, DELIVERIES_TOPIC, type DeliveriesState, ledgerKey, partitionKey } from './deliveries-state.ts';
import { deliveriesProcessor } from './fold-deliveries.ts';
import { ledgerReader } from './read-ledger.ts';
import { headersOf, type MessageType } from './record-type.ts';

const [TENANT, PROFILE] = ['default', 'ann'];
const slot = { processor: DELIVERIES, partition: 0, partitions: 1 };
const definition = deliveriesProcessor(new Configurations(testKinds));
const document = readFileSync(new URL('../../../../examples/gift-barn/attune.yaml', import.meta.url), 'utf8');
let store = new SqliteStateStore(':memory:');
afterEach(() => store.close());

interface Happening {
  readonly decision: string;
  readonly state: DeliveryState | undefined;
  readonly attempt: string;
}

const recordOf = (type: MessageType, value: Uint8Array, offset: number): LogRecord => {
  const [key, headers] = [type === 'ConfigurationActivated' ? 'configuration' : PROFILE, { ...headersOf(type) }];
  return { topic: DELIVERIES_TOPIC, partition: 0, offset, appendedAtMs: 0, tenant: TENANT, key, value, headers };
};

/** The configuration, then what happened: a decision where there is no state, otherwise a note about it. */
const recordsOf = (happenings: readonly Happening[]): readonly LogRecord[] => [
  recordOf('ConfigurationActivated', ConfigurationActivated.encode({ version: 'v', document, receivedAtMs: 0n }).finish(), 0),
  ...happenings.map(({ decision, state, attempt }, i) => {
    const about = { profileId: PROFILE, campaign: 'c', promotional: true };
    if (state === undefined) return recordOf('Decision', Decision.encode(Decision.fromPartial({ ...about, id: decision })).finish(), i + 1);
    const delivery = Delivery.fromPartial({ ...about, decisionId: decision, channel: 'email', state, attempt, atMs: BigInt(i), untilMs: 99n });
    return recordOf('Delivery', Delivery.encode(delivery).finish(), i + 1);
  }),
];

/** Folds records as the processor does, and writes what it writes. */
async function foldInto(written: SqliteStateStore, records: readonly LogRecord[]): Promise<Ledger> {
  const states = new Map<string, DeliveriesState>([ledgerKey(TENANT, PROFILE), partitionKey(TENANT)].map((key) => [key, definition.empty()]));
  const stateOf = (key: string): DeliveriesState => states.get(key) ?? definition.empty();
  for (const record of records) definition.fold(stateOf(definition.keyOf(record)), record, stateOf(partitionKey(TENANT)));
  const bytes = new Map([...states].map(([key, state]) => [key, definition.encode(state)]));
  const last = records.at(-1);
  const watermark = last ? encodeWatermark(afterRecord('log', last)) : new Uint8Array();
  await written.commit(slot, new Uint8Array(), { watermark, states: bytes, emissions: [], published: [], due: new Map(), skipped: new Map() });
  return stateOf(ledgerKey(TENANT, PROFILE)).ledger ?? emptyLedger();
}

async function readWith(records: readonly LogRecord[], folded: number, record: LogRecord): Promise<Ledger | undefined> {
  store.close();
  store = new SqliteStateStore(':memory:');
  await foldInto(store, records.slice(0, folded));
  return ledgerReader({ store, stopwatch: systemStopwatch, partitions: 1, definition }).readWith(record, 0);
}

const written = (ledger: Ledger | undefined): string => Buffer.from(definition.encode(ledger ? { ledger } : {}) ?? []).toString();

const states = [undefined, DeliveryState.DELIVERY_STATE_INTENT, DeliveryState.DELIVERY_STATE_HELD, DeliveryState.DELIVERY_STATE_SENT];
const happenings = fc.array(fc.record({ decision: fc.constantFrom('d1', 'd2'), state: fc.constantFrom(...states), attempt: fc.constantFrom('', 'a', 'b') }), {
  minLength: 1,
  maxLength: 8,
});

test('the ledger with a record is the one that the processor folds, whether it has come to the record or not', async () => {
  await fc.assert(
    fc.asyncProperty(happenings, async (happened) => {
      const records = recordsOf(happened);
      const record = records.at(-1) as LogRecord;
      const whole = new SqliteStateStore(':memory:');
      const expected = written(await foldInto(whole, records));
      whole.close();
      for (const folded of [records.length - 1, records.length]) expect(written(await readWith(records, folded, record))).toBe(expected);
    }),
    { numRuns: 40 },
  );
});

test('a claim that a cap forbids is refused by the configuration of the partition', async () => {
  const INTENT = DeliveryState.DELIVERY_STATE_INTENT;
  const of = (decision: string, state?: DeliveryState) => ({ decision, state, attempt: decision });
  const records = recordsOf([of('d1'), of('d1', INTENT), of('d2'), of('d2', INTENT)]);
  const ledger = await readWith(records, 4, records[4] as LogRecord);
  expect([...(ledger?.entries ?? [])].map(([id, { state }]) => `${id} ${state}`)).toEqual(['d1 claimed', 'd2 refused']);
});

test('a claim is not told of before all that stands before it is folded', async () => {
  const records = recordsOf([
    { decision: 'd1', state: undefined, attempt: '' },
    { decision: 'd1', state: DeliveryState.DELIVERY_STATE_INTENT, attempt: 'other' },
    { decision: 'd1', state: DeliveryState.DELIVERY_STATE_INTENT, attempt: 'own' },
  ]);
  const own = records[3] as LogRecord;
  expect(await readWith(records, 2, own)).toBeUndefined();
  expect((await readWith(records, 3, own))?.entries.get('d1')?.attempt).toBe('other');
});

test('a claim that came to nothing long ago is not made again by whoever looks late', async () => {
  const { DELIVERY_STATE_INTENT: INTENT, DELIVERY_STATE_HELD: HELD } = DeliveryState;
  const began = recordsOf([undefined, INTENT, HELD].map((state) => ({ decision: 'd1', state, attempt: state === undefined ? '' : 'a' })));
  const due = Due.encode({ stateKey: ledgerKey(TENANT, PROFILE), dueAtMs: 100n }).finish();
  const records = [...began, recordOf('Due', due, began.length)];
  expect((await readWith(records, records.length, records[2] as LogRecord))?.entries.get('d1')?.state).toBe('woken');
});
