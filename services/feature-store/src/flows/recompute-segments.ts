import { Activity, Due } from '@attune/contracts/messages/log/v1/log';
import type { EventLog, NewRecord } from '@attune/event-log/port';
import { Nap } from '@attune/processor/nap';
import type { Standing } from '@attune/processor/standing';
import type { Clock, Stopwatch } from '@attune/runtime/world';
import type { Slot, StateStore } from '@attune/state-store/port';
import type { ProfileCodec } from '../ports.ts';
import { ACTIVITY, activityHeaders, CONFIGURATION_RECORD, profileKey, versionKey } from './state-keys.ts';

/** What looking at all profiles needs. */
export interface RecomputePorts {
  readonly tenant: string;
  readonly log: Pick<EventLog, 'append' | 'read' | 'bounds'>;
  readonly store: Pick<StateStore, 'read'>;
  readonly clock: Clock;
  readonly codec: Pick<ProfileCodec, 'decode'>;
  readonly slotOf: (partition: number) => Slot;
  /** Which partitions this process folds. */
  readonly standing: () => Standing;
  readonly stopwatch: Stopwatch;
}

const EVERY_MS = 1_000;
const READ_MAX = 1_000;
const WAKE_MAX = 200;

/**
 * Wakes, by due records in the log, every profile that was not folded under the active version yet, and then says so by a record: so a replay finds the same changes at the same
 * places. A process that dies in the middle leaves the rest to the next, and a profile that is woken twice is looked at once. @throws AttuneError LOG_UNAVAILABLE, STORE_UNAVAILABLE
 */
export class SegmentRecomputer {
  readonly #ports: RecomputePorts;
  readonly #nap: Nap;
  /** By partition, the version that its profiles were woken for: the record that says so may not be folded yet. */
  readonly #done = new Map<number, string>();
  #ended = false;
  #running: Promise<void> | undefined;

  constructor(ports: RecomputePorts) {
    this.#ports = ports;
    this.#nap = new Nap(ports.stopwatch);
  }

  /** Looks at the partitions of this process again and again. */
  start(): void {
    this.#running = this.#run();
  }

  /** Resolves once the look under way has ended. */
  async stop(): Promise<void> {
    this.#ended = true;
    this.#nap.end();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#ended) {
      // Whatever is away now is told by the folds, and is there at a later look.
      await this.#look().catch(() => undefined);
      await this.#nap.sleep(EVERY_MS);
    }
  }

  async #look(): Promise<void> {
    const { tenant, log, standing } = this.#ports;
    for (const { partition, adopted } of standing().partitions) {
      const version = adopted ? await pendingIn(this.#ports, partition) : undefined;
      if (version === undefined || version === this.#done.get(partition)) continue;
      await wakeAll(this.#ports, partition, version);
      const done = Activity.fromPartial({ acceptedOffset: -1n, record: { $case: 'segmentsRecomputed', value: { version } } });
      await log.append(tenant, ACTIVITY, [{ key: CONFIGURATION_RECORD, partition, value: Activity.encode(done).finish(), headers: activityHeaders }]);
      this.#done.set(partition, version);
    }
  }
}

/** The version under which profiles of the partition are still to be looked at. */
async function pendingIn({ store, slotOf, codec, tenant }: RecomputePorts, partition: number): Promise<string | undefined> {
  const { states } = await store.read(slotOf(partition), [versionKey(tenant)]);
  const active = states[0] && codec.decode(states[0]).active;
  return active?.recomputing === true ? active.version : undefined;
}

/** Every profile stands in the log of its partition. */
async function wakeAll(ports: RecomputePorts, partition: number, version: string): Promise<void> {
  const { startOffset, endOffset } = await ports.log.bounds(ACTIVITY, partition);
  const seen = new Set<string>();
  for (let offset = startOffset; offset < endOffset; ) {
    const records = await ports.log.read(ACTIVITY, partition, offset, READ_MAX);
    const last = records.at(-1);
    if (last === undefined) break;
    offset = last.offset + 1;
    const fresh = new Set(records.flatMap(({ key }) => (key === CONFIGURATION_RECORD || seen.has(key) ? [] : [key])));
    for (const key of fresh) seen.add(key);
    await wake(ports, partition, { version, profileIds: [...fresh] });
  }
}

interface ToWake {
  readonly version: string;
  readonly profileIds: readonly string[];
}

async function wake(ports: RecomputePorts, partition: number, { version, profileIds }: ToWake): Promise<void> {
  const { tenant, store, slotOf, codec, log, clock } = ports;
  for (let from = 0; from < profileIds.length; from += WAKE_MAX) {
    const some = profileIds.slice(from, from + WAKE_MAX);
    const keys = some.map((id) => profileKey(tenant, id));
    const { states } = await store.read(slotOf(partition), keys);
    const behind = some.filter((_, i) => {
      const profile = states[i] && codec.decode(states[i]).profile;
      return profile !== undefined && profile.version !== version;
    });
    if (behind.length > 0)
      await log.append(
        tenant,
        ACTIVITY,
        behind.map((id) => dueNow(tenant, id, clock.nowMs())),
      );
  }
}

function dueNow(tenant: string, profileId: string, nowMs: number): NewRecord {
  const value = Due.fromPartial({ stateKey: profileKey(tenant, profileId), dueAtMs: BigInt(nowMs) });
  const activity = Activity.fromPartial({ profileId, acceptedOffset: -1n, record: { $case: 'due', value } });
  return { key: profileId, value: Activity.encode(activity).finish(), headers: activityHeaders };
}
