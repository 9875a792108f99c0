import { Decision, ProfileChange, ProfileChangeKind } from '@attune/contracts/messages/log/v1/log';
import type { EventLog } from '@attune/event-log/port';
import { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import { partitionOf as partitionOfKey } from '@attune/kernel/hash';
import { seededRandom } from '@attune/kernel/random';
import type { Following } from '@attune/processor/follow-topic';
import { HeldClock, until } from '@attune/processor/processor-world';
import { silent } from '@attune/runtime/telemetry/port';
import { systemStopwatch } from '@attune/runtime/world';
import { expect, onTestFinished, test } from 'vitest';
import { CHANGES } from './copied-changes.ts';
import { DELIVERIES_TOPIC } from './deliveries-state.ts';
import { forwardFacts } from './forward-facts.ts';
import { headersOf, typeOf } from './record-type.ts';

const PARTITIONS = 2;
const DECISIONS = 'attune.decisions.v1';
const COMPLAINT = 'Support Case Opened';
const policy = () => ({
  caps: [],
  stopEverything: false,
  pausePromotions: { fromEvents: [COMPLAINT], fromSegments: [], untilEvents: ['Support Case Closed'] },
});
const clock = new HeldClock();

interface World {
  readonly log: SqliteEventLog;
  /** Starts one more process; `heldBack` says of each batch of changes how long it rests before it is copied, in ms, 0 = not. */
  start(heldBack: () => number): Promise<readonly Following[]>;
  happens(profileId: string, id: string): Promise<number>;
  decides(profileId: string, id: string, after: string | undefined, promotional?: boolean): Promise<void>;
  /** What stands in the ledger's log of a partition, in order: ids of changes and of decisions. */
  copies(partition: number): Promise<readonly { readonly what: string }[]>;
  partitionOf(profileId: string): number;
}

async function world(): Promise<World> {
  const log = new SqliteEventLog({ path: ':memory:', clock, stopwatch: systemStopwatch });
  onTestFinished(() => log.close());
  await log.ensureTopics([CHANGES.topic, DECISIONS, DELIVERIES_TOPIC].map((topic) => ({ topic, partitions: PARTITIONS })));
  const places = new Map<string, number>();
  const append = async (topic: string, profileId: string, value: Uint8Array, headers: Readonly<Record<string, string>>): Promise<number> => {
    const [position] = await log.append('default', topic, [{ key: profileId, value, headers }]);
    places.set(profileId, position?.partition ?? 0);
    return position?.offset ?? 0;
  };
  return {
    log,
    start: (heldBack) => forwardFacts({ log: holding(log, heldBack), clock, stopwatch: systemStopwatch, telemetry: silent, policy }),
    happens: (profileId, id) => {
      const change = ProfileChange.fromPartial({ id, profileId, event: COMPLAINT, kind: ProfileChangeKind.PROFILE_CHANGE_KIND_EVENT });
      return append(CHANGES.topic, profileId, ProfileChange.encode(change).finish(), headersOf('ProfileChange'));
    },
    decides: async (profileId, id, after, promotional = true) => {
      const decision = Decision.fromPartial({ id, profileId, message: 'm', channels: ['email'], promotional });
      await append(DECISIONS, profileId, Decision.encode(decision).finish(), { ...headersOf('Decision'), id, ...(after !== undefined && { after }) });
    },
    copies: async (partition) =>
      (await log.read(DELIVERIES_TOPIC, partition, 0, 10_000)).map((record) => ({
        what: typeOf(record) === 'Decision' ? Decision.decode(record.value).id : ProfileChange.decode(record.value).id,
      })),
    partitionOf: (profileId) => places.get(profileId) ?? 0,
  };
}

/** A log whose follower of changes is held back. */
function holding(log: SqliteEventLog, heldBack: () => number): EventLog {
  const held = Object.create(log) as SqliteEventLog;
  held.append = (tenant, topic, records) => log.append(tenant, topic, records);
  held.committed = (group, topic, partition) => log.committed(group, topic, partition);
  held.bounds = (topic, partition) => log.bounds(topic, partition);
  held.consume = (options) =>
    log.consume(
      options.group !== CHANGES.group
        ? options
        : {
            ...options,
            handler: {
              onBatch: async (batch, control) => {
                const ms = heldBack();
                return ms > 0 ? { kind: 'pause', ms } : options.handler.onBatch(batch, control);
              },
            },
          },
    );
  return held;
}

const endAll = (all: readonly Following[]): Promise<unknown> => Promise.all(all.map((one) => one.stop(100)));

test('a promotion waits for the complaint that was folded before it, whatever else comes; what is no promotion goes on', async () => {
  const { log, start, happens, decides, copies, partitionOf } = await world();
  let held = true;
  const running = await start(() => (held ? 5 : 0));
  const at = await happens('ada', 'complaint');
  const partition = partitionOf('ada');
  await decides('ada', 'apology', `${partition}/${at}`, false);
  await decides('ada', 'offer', `${partition}/${at}`);
  await until(async () => (await copies(partition)).length > 0);
  // Its follower comes back to the promotion again and again, and it stays where it is.
  const turns = (): number => running[0]?.standing().partitions.find((one) => one.partition === partition)?.turns ?? 0;
  const before = turns();
  await until(async () => turns() > before + 3);
  expect((await copies(partition)).map(({ what }) => what)).toEqual(['apology']);
  expect(running[0]?.status().find((one) => one.partition === partition)?.nextOffset).toBe(1);
  held = false;
  await until(async () => (await copies(partition)).length === 3);
  expect((await copies(partition)).map(({ what }) => what)).toEqual(['apology', 'complaint', 'offer']);
  await decides('ada', 'before it was said', undefined);
  await until(async () => (await copies(partition)).length === 4);
  await until(async () => (await log.committed('deliveries-from-decisions', DECISIONS, partition)) === 3);
  await endAll(running);
});

async function shuffled(seed: string): Promise<void> {
  const { log, start, happens, decides, copies } = await world();
  const random = seededRandom(seed);
  let steady = false;
  const heldBack = (): number => (!steady && random() < 0.7 ? 1 + Math.floor(random() * 20) : 0);
  let running = [await start(heldBack), await start(heldBack)];
  const said = new Map<string, readonly string[]>();
  const knownBefore = new Map<string, readonly string[]>();
  const last = new Map<string, string>();
  for (let n = 0; n < 60; n++) {
    const profileId = `p${Math.floor(random() * 4)}`;
    if (random() < 0.4) {
      const offset = await happens(profileId, `c${n}`);
      said.set(profileId, [...(said.get(profileId) ?? []), `c${n}`]);
      last.set(profileId, `${partitionOfKey(profileId, PARTITIONS)}/${offset}`);
    } else {
      knownBefore.set(`d${n}`, said.get(profileId) ?? []);
      await decides(profileId, `d${n}`, last.get(profileId));
    }
    const comesAndGoes = random();
    if (comesAndGoes < 0.05) {
      await Promise.all(running.map(endAll));
      running = [await start(heldBack), await start(heldBack)];
    } else if (comesAndGoes < 0.1) {
      const [one, ...others] = running;
      if (one) await endAll(one);
      running = [...others, await start(heldBack)];
    }
  }
  steady = true;
  const reached = async (): Promise<boolean> => {
    for (let partition = 0; partition < PARTITIONS; partition++)
      for (const [group, topic] of [
        [CHANGES.group, CHANGES.topic],
        ['deliveries-from-decisions', DECISIONS],
      ] as const)
        if (((await log.committed(group, topic, partition)) ?? 0) < (await log.bounds(topic, partition)).endOffset) return false;
    return true;
  };
  await until(reached);
  const heard = new Set<string>();
  const passed: string[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++)
    for (const { what } of await copies(partition)) {
      if (!heard.has(what) && (knownBefore.get(what) ?? []).some((complaint) => !heard.has(complaint))) passed.push(what);
      heard.add(what);
    }
  expect({ seed, passed }).toEqual({ seed, passed: [] });
  expect([...knownBefore.keys()].filter((id) => !heard.has(id))).toEqual([]);
  await Promise.all(running.map(endAll));
}

test('no promotion passes a complaint that was folded before its decision, with two processes that come and go and changes that lag', {
  timeout: 60_000,
}, async () => {
  for (let seed = 0; seed < 12; seed++) await shuffled(`forward-${seed}`);
});
