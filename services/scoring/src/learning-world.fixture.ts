import { setImmediate as nextTurn } from 'node:timers/promises';
import { GetFeaturesResponse, GetProfileResponse } from '@attune/contracts/messages/features/v1/features';
import { ConfigurationActivated, type DecisionInputs, ModelState, ProfileChange, ProfileChangeKind, Reward } from '@attune/contracts/messages/log/v1/log';
import { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import { HeldClock, until } from '@attune/processor/processor-world';
import { newContainer, value } from '@attune/runtime/di';
import { KeyRing } from '@attune/sealing/key-ring';
import { SqliteKeyStore } from '@attune/sealing/sqlite-key-store';
import { SqliteStateStore } from '@attune/state-store/sqlite-state-store';
import { fastify } from 'fastify';
import { CLOCK, EVENT_LOG, GENERATIONS, ITEMS, type Scoring, STATE_STORE, STOPWATCH, scoringOn } from './container.ts';
import { DECISIONS, LEARNING, MODEL_STATES, PROFILES, recordHeaders } from './flows/records.ts';
import { configurations, inputsWith, smallShop } from './flows/shops.fixture.ts';

const PARTITIONS = 2;
const stopwatch = { elapsedMs: () => performance.now(), sleep: () => nextTurn() };

/** The small shop, whose choice learns from clicks of a day, and from what was bought. */
export const learningShop = smallShop
  .replace('Asked: {}', 'Asked: {}, Clicked: { decision: promotion }')
  .replace('features:', 'views: { habit: [orders, spend, traits.country] }\nfeatures:')
  .replace('choose: { explore: 0.25 }', 'choose: { exploration: thompson, explore: 0.1, learn: { view: habit, reward: { event: Clicked, within: 1d } } }')
  .replace('holdout: 20%', 'holdout: 0%');

/** A scoring service, and another if asked for, on one log and one store. Test only. */
export class LearningWorld {
  readonly clock = new HeldClock();
  readonly log = new SqliteEventLog({ path: ':memory:', clock: this.clock, stopwatch });
  readonly store = new SqliteStateStore(':memory:');
  readonly keys = new SqliteKeyStore({ path: ':memory:', secrets: { get: async () => Buffer.alloc(32, 1) } });
  readonly ring = new KeyRing(this.keys, { ...stopwatch, elapsedMs: () => this.clock.nowMs() });
  readonly services: Scoring[] = [];
  readonly #configuration = configurations.of(learningShop);
  #offset = 0n;

  async open(): Promise<void> {
    const topics = [PROFILES, DECISIONS, LEARNING].map((topic) => ({ topic, partitions: PARTITIONS }));
    await this.log.ensureTopics([...topics, ...[MODEL_STATES, ITEMS, GENERATIONS, 'attune.activity.v1'].map((topic) => ({ topic, partitions: 1 }))]);
    const value = ConfigurationActivated.encode({
      version: this.#configuration.version,
      document: learningShop,
      receivedAtMs: BigInt(this.clock.nowMs()),
    }).finish();
    for (let partition = 0; partition < PARTITIONS; partition++)
      await this.log.append('default', PROFILES, [{ key: 'configuration', value, partition, headers: recordHeaders('ConfigurationActivated') }]);
    await this.start();
  }

  /** One more process, with the store of the others unless told otherwise. */
  async start(store = this.store): Promise<Scoring> {
    const c = newContainer();
    for (const [token, made] of [
      [CLOCK, this.clock],
      [EVENT_LOG, this.log],
      [STATE_STORE, store],
      [STOPWATCH, stopwatch],
    ] as const)
      value(c, token as typeof CLOCK, made as HeldClock);
    const service = await scoringOn(fastify(), c, {
      tenant: 'default',
      ring: this.ring,
      configurations,
      configuration: () => this.#configuration,
      isErased: async () => false,
      getProfile: async (_, { subject }) => this.#profileOf(subject?.id?.value ?? ''),
      getFeatures: async () => GetFeaturesResponse.fromPartial({ rows: [{}] }),
      processing: { tendEveryMs: 1 },
    });
    this.services.push(service);
    return service;
  }

  async close(): Promise<void> {
    for (const service of this.services) await service.stop(1_000);
    await Promise.all([this.log.close(), this.store.close(), this.keys.close()]);
  }

  /** What an application is answered that asks about the profile. */
  async decide(profileId: string, { requestId = '', service = this.services[0] } = {}) {
    const answer = await service?.decide('default', { subject: { id: { $case: 'profileId', value: profileId } }, campaign: 'choice', requestId });
    if (answer?.decision === undefined) throw new Error('no decision');
    return answer.decision;
  }

  /** A click, of the decision where it names one. */
  async click(profileId: string, decisionId = '', eventTimeMs = this.clock.nowMs()): Promise<void> {
    const position = { topic: 'attune.activity.v1', partition: 0, offset: this.#offset++ };
    const kind = ProfileChangeKind.PROFILE_CHANGE_KIND_EVENT;
    const fields = { id: `${profileId}/${position.offset}`, profileId, position, kind, event: 'Clicked', decisionId };
    const times = { atMs: BigInt(this.clock.nowMs()), eventTimeMs: BigInt(eventTimeMs) };
    const bytes = ProfileChange.encode(ProfileChange.fromPartial({ ...fields, ...times })).finish();
    await this.log.append('default', PROFILES, [{ key: profileId, value: bytes, headers: recordHeaders('ProfileChange') }]);
  }

  /** Resolves once nothing waits in any processor that runs. */
  async settled(): Promise<void> {
    for (let i = 0; i < 3; i++)
      await until(async () => {
        for (const topic of [PROFILES, DECISIONS, LEARNING])
          for (let partition = 0; partition < PARTITIONS; partition++) {
            const status = this.services.flatMap(({ processors }) => processors.filter((one) => one.topic === topic).flatMap((one) => one.status()));
            const reached = Math.max(0, ...status.filter((one) => one.partition === partition).map(({ publishedUpTo }) => publishedUpTo ?? 0));
            if (reached < (await this.log.bounds(topic, partition)).endOffset) return false;
          }
        return true;
      });
  }

  /** What became of rewards, in the order of the log. */
  async rewards(): Promise<readonly Reward[]> {
    return (await this.#all(LEARNING)).filter(({ headers }) => headers['type'] === 'attune.log.v1.Reward').map((record) => Reward.decode(record.value));
  }

  async states(): Promise<readonly ModelState[]> {
    return (await this.#all(MODEL_STATES)).map((record) => ModelState.decode(record.value));
  }

  async #all(topic: string) {
    const { partitions } = await this.log.identity(topic);
    return (await Promise.all(Array.from({ length: partitions }, (_, partition) => this.log.read(topic, partition, 0, 10_000)))).flat();
  }

  #profileOf(profileId: string): GetProfileResponse {
    const { values, segments, consent }: DecisionInputs = inputsWith({ orders: 4, spend: 150, 'traits.country': 'GB' }, { segments: ['regular'] });
    const position = { topic: 'attune.activity.v1', partition: 0, offset: 0n };
    return GetProfileResponse.fromPartial({ profileId, features: values, segments, consent, position, nowMs: BigInt(this.clock.nowMs()) });
  }
}
