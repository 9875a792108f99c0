import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Subject } from '@attune/contracts/messages/common/v1/common';
import {
  Activity,
  ConfigurationActivated,
  ConsentChange,
  DecisionInputs,
  Erasure,
  EventType,
  ProfileChange,
  type Sealed,
} from '@attune/contracts/messages/log/v1/log';
import { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import { speakPlainly } from '@attune/grpc/http-errors';
import { AttuneError } from '@attune/kernel/errors';
import { newContainer, value } from '@attune/runtime/di';
import { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import { SqliteKeyStore } from '@attune/sealing/sqlite-key-store';
import { SqliteStateStore } from '@attune/state-store/sqlite-state-store';
import { fastify } from 'fastify';
import { CLOCK, EVENT_LOG, type FeatureStore, featureStoreOn, STATE_STORE, STOPWATCH } from './container.ts';
import { configurations, DOCUMENT } from './gift-barn.fixture.ts';
import type { SaidConsent } from './ports.ts';

const TENANT = 'default';
const PARTITIONS = 4;
const ACTIVITY = 'attune.activity.v1';
const PROFILES = 'attune.profiles.v1';
const GRACE_MS = 1_000;

/** What happens to a customer of the example shop. */
export interface Happens {
  readonly name?: string;
  /** Sealed fields. */
  readonly fields?: object;
  readonly agoMs?: number;
}

/** The service over the embedded adapters in memory; the door and the resolver are played by the test. Customers are known as p_<user id>. Test only. */
export class FeatureStoreWorld {
  #nowMs = 1_700_000_000_000;
  #skippedMs = 0;
  /** Business time stands until the test moves it. */
  readonly clock = { nowMs: () => this.#nowMs };
  readonly #stopwatch = { elapsedMs: () => performance.now() + this.#skippedMs, sleep: () => nextTurn() };
  /** While true, no time that passes wakes anything of the service. */
  timeStands = false;
  readonly log = new SqliteEventLog({ path: ':memory:', clock: this.clock, stopwatch: this.#stopwatch });
  readonly store = new SqliteStateStore(':memory:');
  readonly keys = new SqliteKeyStore({ path: ':memory:', secrets: { get: async () => Buffer.alloc(32, 1) } });
  readonly ring = new KeyRing(this.keys, this.#stopwatch);
  readonly app = fastify();
  readonly #users = new Set<string>();
  readonly #leads = new Map<string, string>();
  /** While true, accepted consent does not come to the profile. */
  resolverStands = false;
  /** What was sent to the door, and under which leaf. */
  readonly facts: string[] = [];
  /** How often a subject was resolved. */
  looks = 0;
  /** How often many subjects were resolved in one call. */
  manyResolved = 0;
  #accepted = 0;
  #service: FeatureStore | undefined;

  async start(document = DOCUMENT): Promise<void> {
    const configuration = configurations.of(document);
    const topics = [ACTIVITY, PROFILES, 'attune.decisions.v1', 'attune.deliveries.v1', 'attune.events.rejected.v1'];
    await this.log.ensureTopics(topics.map((topic) => ({ topic, partitions: PARTITIONS })));
    await this.activate(configuration.version, document);
    const c = newContainer();
    value(c, CLOCK, this.clock);
    value(c, EVENT_LOG, this.log);
    value(c, STATE_STORE, this.store);
    const sleep = (): Promise<void> => (this.timeStands ? new Promise(() => {}) : nextTurn());
    value(c, STOPWATCH, { ...this.#stopwatch, sleep });
    speakPlainly(this.app);
    this.#service = await featureStoreOn(this.app, c, {
      tenant: TENANT,
      ring: this.ring,
      configurations,
      configuration: () => configuration,
      resolve: async (_, subject) => this.#resolve(subject),
      resolveMany: async (_, subjects) => {
        this.manyResolved++;
        return subjects.map((subject) => ({ profileId: this.#profileIdOf(subject), position: undefined }));
      },
      acceptConsent: (_, said) => this.#acceptConsent(said),
      acceptTraits: async (_, { profileId, traits }) => ({
        topic: 'attune.accepted.v1',
        partition: 0,
        offset: await this.happens(profileId.slice('p_'.length), { fields: traits }),
      }),
      acceptErasure: (_, given) => this.#acceptErasure(given),
      acceptFact: async (_, { leaf, fact }) => {
        this.facts.push(`${leaf} ${fact.name} ${fact.messageId}`);
        return { topic: 'attune.accepted.v1', partition: 0, offset: this.facts.length };
      },
    });
  }

  /** Appends a configuration to every partition. */
  async activate(version: string, document: string): Promise<void> {
    const activated = ConfigurationActivated.fromPartial({ version, document, receivedAtMs: BigInt(this.clock.nowMs()) });
    const record = Activity.fromPartial({ acceptedOffset: -1n, record: { $case: 'configuration', value: activated } });
    const everywhere = Array.from({ length: PARTITIONS }, (_, partition) => ({ key: 'configuration', value: Activity.encode(record).finish(), partition }));
    await this.log.append(TENANT, ACTIVITY, everywhere);
  }

  async end(): Promise<void> {
    await this.#service?.stop(GRACE_MS);
    await this.app.close();
    await this.log.close();
    await this.store.close();
    await this.keys.close();
  }

  /** Moves business time and machine time. */
  pass(ms: number): void {
    this.#nowMs += ms;
    this.#skippedMs += ms;
  }

  /** Appends an event as the resolver does; answers its accepted offset. Without a name it is an identify call. */
  async happens(user: string, { name, fields = {}, agoMs = 0 }: Happens, acceptedOffset = this.#accepted++): Promise<number> {
    const profileId = `p_${user}`;
    const messageId = `m${acceptedOffset}`;
    await this.ring.ensure(TENANT, [subjectKey(profileId)]);
    const words = { tenant: TENANT, subject: profileId, id: messageId };
    const plain = Buffer.from(JSON.stringify({ identifier: user, fields }));
    const sealed = this.ring.isDestroyed(TENANT, subjectKey(profileId)) ? undefined : this.ring.seal(subjectKey(profileId), words, plain);
    const nowMs = this.clock.nowMs();
    const type = name === undefined ? EventType.EVENT_TYPE_IDENTIFY : EventType.EVENT_TYPE_TRACK;
    const times = { timestampMs: BigInt(nowMs - agoMs), receivedAtMs: BigInt(nowMs) };
    const event = { messageId, type, name: name ?? '', ...times, openJson: '{}', ...(sealed && { sealed }) };
    await this.#append(user, Activity.fromPartial({ acceptedOffset: BigInt(acceptedOffset), record: { $case: 'event', value: event } }));
    return acceptedOffset;
  }

  /** Tells, as the resolver does, that a visitor is a customer: from here on the visitor's name leads to the customer's profile. */
  async becomes(visitor: string, user: string): Promise<void> {
    await this.ring.ensure(TENANT, [subjectKey(`p_${user}`)]);
    const value = { toProfileId: `p_${user}`, receivedAtMs: BigInt(this.clock.nowMs()) };
    const away = Activity.fromPartial({ acceptedOffset: BigInt(this.#accepted++), record: { $case: 'movedAway', value } });
    await this.#append(visitor, away, { 'moved-to': `p_${user}` });
    this.#users.add(user);
    this.#leads.set(visitor, user);
  }

  /** Everything announced of a customer, in order, the inputs opened where nobody was erased. */
  async changes(user: string): Promise<readonly { change: ProfileChange; inputs: DecisionInputs | undefined; headers: Readonly<Record<string, string>> }[]> {
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => this.log.read(PROFILES, partition, 0, 1_000));
    const records = (await Promise.all(partitions)).flat().filter(({ key }) => key === `p_${user}`);
    return records.map(({ value: bytes, headers }) => {
      const change = ProfileChange.decode(bytes);
      const words = { tenant: TENANT, subject: change.profileId, id: change.id };
      return { change, headers, inputs: change.inputs && this.#opened(change.inputs, words) };
    });
  }

  #opened(inputs: Sealed, words: Parameters<KeyRing['open']>[1]): DecisionInputs | undefined {
    return this.ring.isDestroyed(TENANT, inputs.keyId) ? undefined : DecisionInputs.decode(this.ring.open(inputs, words));
  }

  /** A call through its JSON door. */
  async call(method: string, body: object): Promise<Record<string, unknown>> {
    const answer = await this.app.inject({
      method: 'POST',
      url: `/attune.${method}`,
      payload: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
    return answer.json();
  }

  /** What WatchProfile tells, as JSON, until the signal. */
  watch(request: object, signal: AbortSignal): AsyncIterable<unknown> {
    const [stream] = this.#service?.streams ?? [];
    if (stream === undefined) throw new Error('the world has not started');
    return stream.jsonAnswers(TENANT, Buffer.from(JSON.stringify(request)), signal);
  }

  #resolve(subject: Subject) {
    this.looks++;
    const profileId = this.#profileIdOf(subject);
    if (profileId === '') throw new AttuneError('SUBJECT_UNKNOWN');
    return { profileId, position: undefined };
  }

  #profileIdOf({ id }: Subject): string {
    const user = id?.value ?? '';
    return this.#users.has(user) ? `p_${this.#leads.get(user) ?? user}` : '';
  }

  async #acceptConsent({ subject, leaf, purposes, messageId }: SaidConsent) {
    const change = ConsentChange.fromPartial({ messageId, purposes: { ...purposes }, receivedAtMs: BigInt(this.clock.nowMs()) });
    const offset = this.#accepted++;
    if (!this.resolverStands)
      await this.#append(
        subject?.id?.value ?? leaf?.slice('leaf-'.length) ?? '',
        Activity.fromPartial({ acceptedOffset: BigInt(offset), record: { $case: 'consent', value: change } }),
      );
    return { topic: 'attune.accepted.v1', partition: 0, offset };
  }

  /** As the resolver passes it on: to the profile, from each of its identifiers. */
  async #acceptErasure({ profileId, leaves, messageId }: { readonly profileId: string; readonly leaves: readonly string[]; readonly messageId: string }) {
    const value = Erasure.fromPartial({ messageId, profileId, receivedAtMs: BigInt(this.clock.nowMs()) });
    const offset = this.#accepted++;
    for (const leaf of leaves) {
      const activity = Activity.fromPartial({ profileId, leaf, acceptedOffset: BigInt(offset), record: { $case: 'erasure', value } });
      await this.log.append(TENANT, ACTIVITY, [
        { key: profileId, value: Activity.encode(activity).finish(), headers: { type: 'attune.log.v1.Activity', erases: profileId } },
      ]);
    }
    return { topic: 'attune.accepted.v1', partition: 0, offset };
  }

  async #append(user: string, activity: Activity, headers: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#users.add(user);
    const profileId = `p_${user}`;
    const whole = Activity.encode({ ...activity, profileId, leaf: `leaf-${user}` }).finish();
    await this.log.append(TENANT, ACTIVITY, [{ key: profileId, value: whole, headers: { type: 'attune.log.v1.Activity', ...headers } }]);
  }
}
