import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Configuration } from '@attune/configuration/configuration';
import { Configurations } from '@attune/configuration/configurations';
import { testKinds } from '@attune/configuration/test-kinds.fixture';
import { ValueStatus } from '@attune/contracts/messages/common/v1/common';
import { GetProfileResponse, type RecordFactRequest, RecordFactResponse } from '@attune/contracts/messages/features/v1/features';
import {
  ConfigurationActivated,
  Decision,
  type DeepPartial,
  Delivery,
  type DeliveryState,
  deliveryStateToJSON,
  ProfileChange,
} from '@attune/contracts/messages/log/v1/log';
import type { DeliveryResult, MailSummary } from '@attune/contracts/messages/notification/v1/notification';
import { GetConsentResponse, RecordConsentResponse } from '@attune/contracts/messages/privacy/v1/privacy';
import type { LogRecord } from '@attune/event-log/port';
import { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import { speakPlainly } from '@attune/grpc/http-errors';
import { AttuneError } from '@attune/kernel/errors';
import { partitionOf } from '@attune/kernel/hash';
import { HeldClock } from '@attune/processor/processor-world';
import { newContainer, value } from '@attune/runtime/di';
import { silent, type Traces } from '@attune/runtime/telemetry/port';
import { type Stopwatch, systemStopwatch } from '@attune/runtime/world';
import { KeyRing } from '@attune/sealing/key-ring';
import { SqliteKeyStore } from '@attune/sealing/sqlite-key-store';
import { SqliteStateStore } from '@attune/state-store/sqlite-state-store';
import { type FastifyInstance, fastify } from 'fastify';
import { CLOCK, EVENT_LOG, type Notification, notificationOn, SECRETS, STATE_STORE, STOPWATCH } from './container.ts';

const TENANT = 'default';
const PARTITIONS = 2;
const TOPICS = ['decisions', 'profiles', 'deliveries'].map((name) => `attune.${name}.v1`);
const example = (path: string): string => fileURLToPath(new URL(`../../../examples/gift-barn/${path}`, import.meta.url));

/** Traits and consent of the customers of a test. */
export interface Customer {
  /** Visitors who became this customer. */
  readonly merged?: readonly string[];
  readonly consent: Readonly<Record<string, boolean>>;
  readonly traits: Readonly<Record<string, string>>;
}

/** The service over the embedded adapters in memory, with the example shop, a clock that stands and profiles that a test makes up. Test only. */
export class NotificationWorld {
  readonly clock = new HeldClock();
  readonly log = new SqliteEventLog({ path: ':memory:', clock: this.clock, stopwatch: systemStopwatch });
  readonly store = new SqliteStateStore(':memory:');
  readonly customers = new Map<string, Customer>();
  /** What recording consent throws after it was recorded. */
  consentFault: AttuneError | undefined;
  /** What customers did, as it was told to the door. */
  readonly facts: string[] = [];
  /** The same as it was asked. */
  readonly told: RecordFactRequest[] = [];
  /** What telling it throws. */
  factFault: AttuneError | undefined;
  /** Profiles that the live profile knows to be erased. */
  readonly erased = new Set<string>();
  /** How often consent was recorded. */
  consentsRecorded = 0;
  readonly keys = new SqliteKeyStore({ path: ':memory:', secrets: { get: async () => new Uint8Array(32).fill(7) } });
  /** The configuration; to be changed before it begins. */
  document = readFileSync(example('attune.yaml'), 'utf8');
  readonly #configurations = new Configurations(testKinds);
  app: FastifyInstance = fastify();
  publicUrl: string | undefined = 'https://shop.example/attune';
  service: Notification | undefined;
  /** The service's machine time, from the next start on. */
  stopwatch: Stopwatch = systemStopwatch;
  /** What traces, from the next start on. */
  traces: Traces | undefined;
  /** Runs while a profile is read, once: after the ledger was looked at and before the send is claimed. */
  onceRead: (() => Promise<void>) | undefined;

  /** Begins at a time such as 2026-06-01T12:00:00Z. */
  async begin(iso: string): Promise<void> {
    this.moveTo(iso);
    await this.log.ensureTopics(TOPICS.map((topic) => ({ topic, partitions: PARTITIONS })));
    const value = ConfigurationActivated.encode(ConfigurationActivated.fromPartial({ version: 'v', document: this.document })).finish();
    const headers = { type: 'attune.log.v1.ConfigurationActivated' };
    for (let partition = 0; partition < PARTITIONS; partition++)
      await this.log.append(TENANT, 'attune.deliveries.v1', [{ key: 'configuration', value, headers, partition }]);
    await this.start();
  }

  async start(smtpUrl?: string): Promise<void> {
    const c = newContainer();
    value(c, CLOCK, this.clock);
    value(c, EVENT_LOG, this.log);
    value(c, STATE_STORE, this.store);
    value(c, STOPWATCH, this.stopwatch);
    value(c, SECRETS, { get: async () => new Uint8Array(32).fill(9) });
    this.app = fastify();
    speakPlainly(this.app);
    this.service = await notificationOn(this.app, c, {
      tenant: TENANT,
      ring: new KeyRing(this.keys, systemStopwatch),
      configurations: this.#configurations,
      configuration: (): Configuration => this.#configurations.of(this.document),
      getProfile: async (_tenant, { subject }) => {
        await this.onceRead?.();
        this.onceRead = undefined;
        return this.#profileOf(subject?.id?.value ?? '');
      },
      getConsent: async (_tenant, { subject }) => {
        const { consent: purposes = {} } = this.customers.get(subject?.id?.value ?? '') ?? {};
        return GetConsentResponse.fromPartial({ purposes });
      },
      recordConsent: async (_tenant, { subject, purposes, fact }) => {
        this.consentsRecorded++;
        const customer = this.customers.get(subject?.id?.value ?? '');
        if (customer === undefined) throw new AttuneError('SUBJECT_UNKNOWN');
        this.customers.set(subject?.id?.value ?? '', { ...customer, consent: { ...customer.consent, ...purposes } });
        if (fact) this.facts.push(`${subject?.id?.value} ${fact.name} ${fact.messageId}`);
        if (this.consentFault) throw this.consentFault;
        return RecordConsentResponse.fromPartial({});
      },
      isErased: async (_tenant, profileId) => this.erased.has(profileId),
      recordFact: async (_tenant, request) => {
        if (this.factFault) throw this.factFault;
        const { profileId, fact } = request;
        this.told.push(request);
        this.facts.push(`${profileId} ${fact?.name} ${fact?.messageId}`);
        return RecordFactResponse.fromPartial({});
      },
      publicUrl: () => this.publicUrl,
      messagesFolder: example('messages'),
      outboxPath: ':memory:',
      processing: { tendEveryMs: 2, ...(this.traces && { telemetry: { ...silent, ...this.traces } }) },
      ...(smtpUrl !== undefined && { smtpUrl }),
    });
  }

  moveTo(iso: string): void {
    this.clock.pass(Date.parse(iso) - this.clock.nowMs());
  }

  customer(
    profileId: string,
    traits: Readonly<Record<string, string>> = {},
    consent: Readonly<Record<string, boolean>> = { service: true, marketing: true },
  ): void {
    this.customers.set(profileId, { consent, traits: { email: `${profileId}@example.com`, ...traits } });
  }

  /** From here on profiles tell that the visitor became the customer; its change is told apart. */
  joins(visitor: string, profileId: string): void {
    const customer = this.customers.get(profileId) ?? { consent: {}, traits: {} };
    this.customers.set(profileId, { ...customer, merged: [...(customer.merged ?? []), visitor] });
  }

  /** A promotion of the example shop, unless told otherwise. */
  decision(id: string, profileId: string, more: Partial<Decision> = {}): Decision {
    const promotion = {
      campaign: 'welcome_back',
      message: 'second-order',
      offer: 'second_order_10',
      purpose: 'marketing',
      promotional: true,
      channels: ['email', 'inbox'],
    };
    const nowMs = this.clock.nowMs();
    return Decision.fromPartial({ id, profileId, nowMs: BigInt(nowMs), expiresAtMs: BigInt(nowMs + 3 * 86_400_000), ...promotion, ...more });
  }

  async decide(...decisions: readonly Decision[]): Promise<void> {
    for (const decision of decisions) {
      const headers = { type: 'attune.log.v1.Decision', id: decision.id };
      await this.log.append(TENANT, 'attune.decisions.v1', [{ key: decision.profileId, value: Decision.encode(decision).finish(), headers }]);
    }
  }

  async change(change: DeepPartial<ProfileChange> & { readonly profileId: string }): Promise<void> {
    const record = {
      key: change.profileId,
      value: ProfileChange.encode(ProfileChange.fromPartial(change)).finish(),
      headers: { type: 'attune.log.v1.ProfileChange' },
    };
    await this.log.append(TENANT, 'attune.profiles.v1', [record]);
  }

  /** Appends a delivery as another process would. */
  async foreign(decision: Decision, state: DeliveryState, attempt: string): Promise<void> {
    const { profileId, campaign, promotional } = decision;
    const [channel = ''] = decision.channels;
    const delivery = Delivery.fromPartial({
      id: 'm',
      decisionId: decision.id,
      profileId,
      campaign,
      promotional,
      channel,
      state,
      attempt,
      atMs: BigInt(this.clock.nowMs()),
    });
    const decided = { key: profileId, value: Decision.encode(decision).finish(), headers: { type: 'attune.log.v1.Decision', id: decision.id } };
    const noted = { key: profileId, value: Delivery.encode(delivery).finish(), headers: { type: 'attune.log.v1.Delivery' } };
    await this.log.append(TENANT, 'attune.deliveries.v1', [decided, noted]);
  }

  /** Every delivery in the log, as state and reason. */
  async deliveries(): Promise<readonly string[]> {
    return (await this.recordsOfType('Delivery')).map(({ value }) => {
      const { decisionId, state, reason } = Delivery.decode(value);
      return `${decisionId} ${deliveryStateToJSON(state).slice('DELIVERY_STATE_'.length)} ${reason}`.trim();
    });
  }

  /** The records of attune.deliveries.v1 that hold such a message. */
  async recordsOfType(type: string): Promise<readonly LogRecord[]> {
    const found: LogRecord[] = [];
    for (let partition = 0; partition < PARTITIONS; partition++) found.push(...(await this.log.read('attune.deliveries.v1', partition, 0, 10_000)));
    return found.filter(({ headers }) => headers['type'] === `attune.log.v1.${type}`);
  }

  /** What the store holds of a profile's messages. */
  async inboxBytes(profileId: string): Promise<string> {
    const slot = { processor: 'deliveries', partition: partitionOf(profileId, PARTITIONS), partitions: PARTITIONS };
    const { states } = await this.store.read(slot, [`${TENANT}:ledger:${profileId}`]);
    return Buffer.from(states[0] ?? new Uint8Array()).toString('utf8');
  }

  async results(): Promise<readonly DeliveryResult[]> {
    return (await this.service?.deliveryResults(TENANT))?.campaigns ?? [];
  }

  async call<T>(method: string, body: object = {}): Promise<T> {
    const { payload } = await this.app.inject({ method: 'POST', url: `/attune.notification.v1.${method}`, payload: JSON.stringify(body) });
    return JSON.parse(payload) as T;
  }

  async mails(): Promise<readonly MailSummary[]> {
    return (await this.call<{ readonly mails?: readonly MailSummary[] }>('OutboxService/ListMails')).mails ?? [];
  }

  /** True where nothing waits to be folded, forwarded or delivered. */
  async idle(): Promise<boolean> {
    for (const { topic, status } of this.service?.processors ?? []) {
      const reached = new Map(status().map(({ partition, nextOffset }) => [partition, nextOffset]));
      for (let partition = 0; partition < PARTITIONS; partition++) {
        if ((reached.get(partition) ?? 0) < (await this.log.bounds(topic, partition)).endOffset) return false;
      }
    }
    return true;
  }

  async end(): Promise<void> {
    await this.service?.stop(1_000);
    await this.app.close();
    await this.log.close();
    await this.store.close();
    await this.keys.close();
  }

  #profileOf(profileId: string): GetProfileResponse {
    const customer = this.customers.get(profileId);
    const traits = Object.entries(customer?.traits ?? {}).map(([name, text]) => ({
      name,
      status: ValueStatus.VALUE_STATUS_PRESENT,
      value: { kind: { $case: 'text' as const, value: text } },
    }));
    const { consent = {}, merged = [] } = customer ?? {};
    return GetProfileResponse.fromPartial({ profileId, traits, consent, leaf: `leaf-of-${profileId}`, mergedProfileIds: [...merged] });
  }
}
