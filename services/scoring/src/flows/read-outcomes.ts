import { ConfigurationActivated, ProfileChange, ProfileChangeKind } from '@attune/contracts/messages/log/v1/log';
import type { EventLog, LogRecord } from '@attune/event-log/port';
import { PROFILES, typeOf } from './records.ts';

/** What attune.profiles.v1 holds of a tenant: what customers did, who became whom, and the configurations that were active. */
export interface Outcomes {
  /** Documents by version. */
  readonly documents: ReadonlyMap<string, string>;
  /** The document that was activated last; undefined before the first. */
  readonly active: string | undefined;
  /** The newest moment of the log, in ms; 0 where it is empty. */
  readonly nowMs: number;
  /** The profile that this one is part of by now. */
  readonly customerOf: (profileId: string) => string;
  /** True where the customer did this between the two moments, both included. */
  readonly did: (profileId: string, event: string, fromMs: number, toMs: number) => boolean;
}

/** Reads all of attune.profiles.v1. @throws AttuneError LOG_UNAVAILABLE */
export async function readOutcomes(log: EventLog, tenant: string): Promise<Outcomes> {
  const read = new Reading();
  for await (const record of recordsOf(log, PROFILES, tenant)) read.take(record);
  const { documents, active, nowMs, customerOf } = read;
  const times = read.timesByCustomer();
  return {
    documents,
    active: active?.document,
    nowMs,
    customerOf,
    did: (profileId, event, fromMs, toMs) => times.get(`${customerOf(profileId)}\n${event}`)?.some((atMs) => fromMs <= atMs && atMs <= toMs) === true,
  };
}

/** The records of a tenant in a topic from its beginning to where each partition ends now, one partition after the other. @throws AttuneError LOG_UNAVAILABLE */
export async function* recordsOf(log: EventLog, topic: string, tenant: string): AsyncGenerator<LogRecord> {
  for (let partition = 0; partition < (await log.identity(topic)).partitions; partition++) {
    const { startOffset, endOffset } = await log.bounds(topic, partition);
    for (let offset = startOffset; offset < endOffset; ) {
      const records = await log.read(topic, partition, offset, READ_MAX);
      yield* records.filter((record) => record.tenant === tenant && record.offset < endOffset && record.tombstone === undefined);
      offset = (records.at(-1)?.offset ?? endOffset) + 1;
    }
  }
}

const READ_MAX = 1_000;

class Reading {
  readonly documents = new Map<string, string>();
  active: { readonly document: string; readonly atMs: number } | undefined;
  nowMs = 0;
  readonly #times = new Map<string, number[]>();
  readonly #became = new Map<string, string>();

  take(record: LogRecord): void {
    if (typeOf(record) === 'ConfigurationActivated') this.#activate(ConfigurationActivated.decode(record.value));
    if (typeOf(record) === 'ProfileChange') this.#hear(ProfileChange.decode(record.value));
  }

  /** Who a visitor became, who became somebody else, and so on: never twice the same. */
  readonly customerOf = (profileId: string): string => {
    const met = new Set([profileId]);
    let last = profileId;
    for (let next = this.#became.get(last); next !== undefined && !met.has(next); next = this.#became.get(last)) {
      met.add(next);
      last = next;
    }
    return last;
  };

  timesByCustomer(): ReadonlyMap<string, readonly number[]> {
    const times = new Map<string, number[]>();
    for (const [key, own] of this.#times) {
      const at = key.indexOf('\n');
      const name = this.customerOf(key.slice(0, at)) + key.slice(at);
      times.set(name, [...(times.get(name) ?? []), ...own]);
    }
    return times;
  }

  #activate({ version, document, receivedAtMs }: ConfigurationActivated): void {
    this.documents.set(version, document);
    const atMs = Number(receivedAtMs);
    if (this.active === undefined || atMs >= this.active.atMs) this.active = { document, atMs };
  }

  #hear({ kind, profileId, event, eventTimeMs, atMs, mergedInto }: ProfileChange): void {
    this.nowMs = Math.max(this.nowMs, Number(atMs));
    if (kind === ProfileChangeKind.PROFILE_CHANGE_KIND_MERGED) this.#became.set(profileId, mergedInto);
    if (kind !== ProfileChangeKind.PROFILE_CHANGE_KIND_EVENT) return;
    const key = `${profileId}\n${event}`;
    const times = this.#times.get(key) ?? [];
    times.push(Number(eventTimeMs));
    this.#times.set(key, times);
  }
}
