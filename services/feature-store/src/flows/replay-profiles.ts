import { Activity } from '@attune/contracts/messages/log/v1/log';
import type { EventLog, LogBounds, LogRecord } from '@attune/event-log/port';
import { partitionOf } from '@attune/kernel/hash';
import type { Emission, ProcessorDefinition } from '@attune/processor/definition';
import { FoldFault } from '@attune/processor/step';
import type { Profile } from '../domain/profile.ts';
import type { ProfileRules } from '../domain/profile-rules.ts';
import type { ProfilesState } from '../ports.ts';
import { activeRules } from './active-rules.ts';
import { type FoldActivityPorts, profilesProcessor } from './fold-activity.ts';
import { ACTIVITY, CONFIGURATION_RECORD, partitionKey, profileKey } from './state-keys.ts';

/** The profiles of a partition as they stand now; it is the same object throughout the replay. */
export interface Standing {
  readonly partition: number;
  /** Of the last record that was folded; -1 before the first. */
  readonly offset: number;
  /** What holds in the partition. */
  readonly rules: ProfileRules;
  /** Open; not to be edited. Undefined before its first record, and once it became part of another. */
  profileOf(profileId: string): Profile | undefined;
  /** Ids of the profiles that stand, in the order of their first records. */
  profileIds(): Iterable<string>;
}

/** One record of the replay. */
export interface Replayed {
  readonly record: LogRecord;
  readonly activity: Activity;
  readonly standing: Standing;
}

/** Looks at profiles while they are folded. */
export interface ReplayWatcher {
  /** Before a record is folded. */
  before?(at: Replayed): void;
  /** After it; `fresh`: it is an event that counted, no repeat and not too late. */
  after?(at: Replayed, found: { readonly fresh: boolean; readonly emissions: readonly Emission[] }): void;
  /** Behind the last record of a partition. */
  end?(standing: Standing): void;
}

/** What is folded again, and how. */
export interface ReplayOptions extends FoldActivityPorts {
  readonly log: Pick<EventLog, 'read'>;
  readonly tenant: string;
  /** By partition: what is read of each. */
  readonly bounds: readonly LogBounds[];
  /** A configuration for the whole log; absent = each record under the one that the log says. */
  readonly under?: { readonly version: string; readonly document: string };
  /** Only these profiles; absent = all. */
  readonly only?: ReadonlySet<string>;
  readonly watcher: ReplayWatcher;
  /** Hears how many records were read so far. */
  readonly progress?: (records: number) => void;
}

/** What a replay left. */
export interface ReplayEnd {
  /** The state of a profile; undefined where nothing was folded. */
  stateOf(profileId: string): ProfilesState | undefined;
  /** What holds in the partition of a profile. */
  rulesOf(profileId: string): ProfileRules;
  /** Records that could not be folded, and were passed over as live. */
  readonly setAside: number;
}

const READ_MAX = 1_000;

/**
 * Folds attune.activity.v1 from its beginning by the very fold of the live profile, in memory; nothing is written or published. Under another configuration than the
 * log's, folds that moved between profiles are those that this replay made, so that they know what the new declarations ask for.
 * @throws AttuneError LOG_UNAVAILABLE, KEY_UNAVAILABLE, CONFIGURATION_INVALID for a configuration of the log that this version does not read
 */
export const replayProfiles = (options: ReplayOptions): Promise<ReplayEnd> => new Replay(options).run();

interface Cursor {
  readonly partition: number;
  readonly bounds: LogBounds;
  readonly states: Map<string, ProfilesState>;
  readonly setAside: Set<number>;
  standing: Standing | undefined;
  companion: ProfilesState;
  batch: readonly LogRecord[];
  /** Place in the batch. */
  next: number;
  readFrom: number;
  folded: number;
}

class Replay {
  readonly #options: ReplayOptions;
  readonly #definition: ProcessorDefinition<ProfilesState>;
  readonly #cursors: readonly Cursor[];
  /** By link: folds on their way as this replay made them. */
  readonly #moved = new Map<string, Uint8Array>();
  readonly #running = new Set<number>();
  #records = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#definition = profilesProcessor(options);
    this.#cursors = options.bounds.map((bounds, partition) => this.#cursorOf(partition, bounds));
  }

  async run(): Promise<ReplayEnd> {
    for (const cursor of this.#cursors) {
      await this.#advance(cursor, () => false);
      this.#options.watcher.end?.(this.#standing(cursor));
    }
    const cursorOf = (profileId: string): Cursor | undefined => this.#cursors[partitionOf(profileId, this.#cursors.length)];
    return {
      stateOf: (profileId) => cursorOf(profileId)?.states.get(profileKey(this.#options.tenant, profileId)),
      rulesOf: (profileId) => this.#rules(cursorOf(profileId)?.companion ?? {}),
      setAside: this.#cursors.reduce((sum, { setAside }) => sum + setAside.size, 0),
    };
  }

  #cursorOf(partition: number, bounds: LogBounds): Cursor {
    const { under } = this.#options;
    const companion = under ? { active: under } : {};
    return {
      partition,
      bounds,
      states: new Map(),
      setAside: new Set(),
      standing: undefined,
      companion,
      batch: [],
      next: 0,
      readFrom: bounds.startOffset,
      folded: -1,
    };
  }

  async #advance(cursor: Cursor, enough: () => boolean): Promise<void> {
    this.#running.add(cursor.partition);
    for (let record = await this.#next(cursor); record !== undefined; record = await this.#next(cursor)) {
      if (this.#concerns(record)) await this.#fold(cursor, record);
      cursor.folded = record.offset;
      cursor.next++;
      if (enough()) break;
    }
    this.#running.delete(cursor.partition);
  }

  #concerns({ key }: LogRecord): boolean {
    const { only, under } = this.#options;
    if (key === CONFIGURATION_RECORD) return under === undefined;
    return only === undefined || only.has(key);
  }

  async #next(cursor: Cursor): Promise<LogRecord | undefined> {
    if (cursor.next < cursor.batch.length) return cursor.batch[cursor.next];
    const { log, progress } = this.#options;
    const { endOffset } = cursor.bounds;
    if (cursor.readFrom >= endOffset) return undefined;
    const read = await log.read(ACTIVITY, cursor.partition, cursor.readFrom, READ_MAX);
    cursor.batch = read.filter(({ offset }) => offset < endOffset);
    cursor.next = 0;
    cursor.readFrom = (cursor.batch.at(-1)?.offset ?? endOffset) + 1;
    this.#records += cursor.batch.length;
    progress?.(this.#records);
    // Keys of whoever is erased are destroyed in the ring by it, as live.
    await this.#definition.prepare?.(
      cursor.batch.filter((record) => this.#concerns(record)),
      cursor.states,
    );
    return cursor.batch[0];
  }

  async #fold(cursor: Cursor, lying: LogRecord): Promise<void> {
    const activity = Activity.decode(lying.value);
    const record = await this.#ownFolds(lying, activity);
    const { watcher } = this.#options;
    watcher.before?.({ record, activity, standing: this.#standing(cursor) });
    const isConfiguration = record.key === CONFIGURATION_RECORD;
    const key = isConfiguration ? partitionKey(record.tenant) : this.#definition.keyOf(record);
    const state = isConfiguration ? cursor.companion : (cursor.states.get(key) ?? {});
    const events = state.profile?.events ?? 0;
    let emissions: readonly Emission[] = [];
    try {
      ({ emissions } = this.#definition.fold(isConfiguration ? {} : state, record, cursor.companion));
      if (!isConfiguration) cursor.states.set(key, state);
    } catch (cause) {
      await this.#setAside(cursor, key, new FoldFault(record, cause));
    }
    this.#keep(activity, emissions);
    const fresh = (cursor.states.get(key)?.profile?.events ?? events) > events && activity.record?.$case === 'event';
    cursor.folded = record.offset;
    watcher.after?.({ record, activity, standing: this.#standing(cursor) }, { fresh, emissions });
  }

  /** Under one configuration for all, the folds that arrive are those that the visitor's own replay sends: it is done first, as it was then. */
  async #ownFolds(record: LogRecord, { record: said }: Activity): Promise<LogRecord> {
    if (this.#options.under === undefined || said?.$case !== 'foldMoved') return record;
    const { linkId, fromProfileId } = said.value;
    const from = this.#cursors[partitionOf(fromProfileId, this.#cursors.length)];
    if (from && !this.#moved.has(linkId) && !this.#running.has(from.partition)) await this.#advance(from, () => this.#moved.has(linkId));
    const value = this.#moved.get(linkId);
    return value === undefined ? record : { ...record, value };
  }

  #keep({ record }: Activity, emissions: readonly Emission[]): void {
    if (this.#options.under === undefined || record?.$case !== 'movedAway') return;
    for (const { topic, value } of emissions) {
      const { record: sent } = topic === ACTIVITY ? Activity.decode(value) : {};
      if (sent?.$case === 'foldMoved') this.#moved.set(sent.value.linkId, value);
    }
  }

  /** As live: what cannot be folded changes nothing. Its profile is folded anew without it, since half of it may have been done. @throws what is no fault of the record */
  async #setAside(cursor: Cursor, key: string, fault: FoldFault): Promise<void> {
    if (!fault.isOfRecord) throw fault.cause;
    cursor.setAside.add(fault.record.offset);
    cursor.states.delete(key);
    const only = new Set([fault.record.key]);
    const bounds = this.#cursors.map(({ partition }) => ({
      startOffset: cursor.bounds.startOffset,
      endOffset: partition === cursor.partition ? fault.record.offset : 0,
    }));
    const again = new Replay({ ...this.#options, bounds, only, watcher: {}, progress: () => {} });
    for (const [link, folds] of this.#moved) again.#moved.set(link, folds);
    const { stateOf } = await again.run();
    const state = stateOf(fault.record.key);
    if (state !== undefined) cursor.states.set(key, state);
  }

  #rules(companion: ProfilesState): ProfileRules {
    return activeRules(companion, this.#options.configurationOf);
  }

  #standing(cursor: Cursor): Standing {
    if (cursor.standing) return cursor.standing;
    const { tenant } = this.#options;
    const { partition, states } = cursor;
    const rules = (): ProfileRules => this.#rules(cursor.companion);
    cursor.standing = {
      partition,
      get offset() {
        return cursor.folded;
      },
      get rules() {
        return rules();
      },
      profileOf: (profileId) => states.get(profileKey(tenant, profileId))?.profile,
      *profileIds() {
        for (const { profile } of states.values()) if (profile) yield profile.profileId;
      },
    };
    return cursor.standing;
  }
}
