import { Activity, type CustomerEvent, EventType } from '@attune/contracts/messages/log/v1/log';
import type { NewRecord } from '@attune/event-log/port';
import { seededRandom } from '@attune/kernel/random';
import type { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';

const TENANT = 'default';
const DAY = 86_400_000;
const RECENT = 500;

/** Customers who do what the feature kinds count, out of order, late, too late and twice, and visitors who become known. The same seed does the same. Test only. */
export class ParityCrowd {
  readonly #below: (max: number) => number;
  readonly #ring: KeyRing;
  readonly #customers: number;
  /** By leaf: whose profile its records come to. */
  readonly #leads = new Map<string, string>();
  readonly #recent: NewRecord[] = [];
  #accepted = 0;

  constructor({ seed, customers, ring }: { readonly seed: string; readonly customers: number; readonly ring: KeyRing }) {
    const next = seededRandom(seed);
    this.#below = (max) => Math.floor(next() * max);
    this.#ring = ring;
    this.#customers = customers;
  }

  /** Profiles of whom something was told so far. */
  get profileIds(): readonly string[] {
    return [...new Set([...this.#leads.keys()].map((leaf) => `p_${leaf}`))];
  }

  /** So many records, received at that time. */
  async records(count: number, nowMs: number): Promise<NewRecord[]> {
    const made: NewRecord[] = [];
    for (let i = 0; i < count; i++) {
      const chance = this.#below(1_000);
      const again = chance < 50 ? this.#recent[this.#below(this.#recent.length)] : undefined;
      const record = again ?? (chance < 60 ? await this.#becomesKnown(nowMs) : undefined) ?? (await this.#does(nowMs));
      made.push(record);
      this.#recent.push(record);
      if (this.#recent.length > RECENT) this.#recent.shift();
    }
    return made;
  }

  #leaf(): string {
    const place = this.#below(this.#customers);
    return place % 3 === 0 ? `visitor${place}` : `user${place}`;
  }

  async #becomesKnown(nowMs: number): Promise<NewRecord | undefined> {
    const leaf = `visitor${3 * this.#below(Math.ceil(this.#customers / 3))}`;
    if (this.#leads.get(leaf) !== leaf) return undefined;
    const to = `user${3 * this.#below(Math.floor(this.#customers / 3)) + 1}`;
    this.#leads.set(leaf, to);
    this.#leads.set(to, to);
    await this.#ring.ensure(TENANT, [subjectKey(`p_${to}`)]);
    const value = { toProfileId: `p_${to}`, receivedAtMs: BigInt(nowMs) };
    return { ...this.#record(leaf, leaf, { $case: 'movedAway', value }), headers: { 'moved-to': `p_${to}` } };
  }

  async #does(nowMs: number): Promise<NewRecord> {
    const leaf = this.#leaf();
    const profile = this.#leads.get(leaf) ?? leaf;
    this.#leads.set(leaf, profile);
    if (this.#below(50) === 0) {
      const purposes = { personalise: this.#below(4) > 0 };
      return this.#record(leaf, profile, {
        $case: 'consent',
        value: { messageId: `m${this.#accepted}`, receivedAtMs: BigInt(nowMs), purposes, profileId: '' },
      });
    }
    await this.#ring.ensure(TENANT, [subjectKey(`p_${profile}`)]);
    return this.#record(leaf, profile, { $case: 'event', value: this.#event(profile, nowMs) });
  }

  #record(leaf: string, profile: string, record: NonNullable<Activity['record']>): NewRecord {
    const key = `p_${profile}`;
    const activity = Activity.fromPartial({ profileId: key, leaf, acceptedOffset: BigInt(this.#accepted++), record });
    return { key, value: Activity.encode(activity).finish() };
  }

  #event(profile: string, nowMs: number): CustomerEvent {
    const messageId = `m${this.#accepted}`;
    const [type, name, open, fields] = this.#happening();
    // One in three comes late by up to three days, one in thirty too late.
    const lateMs = this.#below(3) > 0 ? 0 : this.#below(this.#below(10) === 0 ? 30 * DAY : 3 * DAY);
    const words = { tenant: TENANT, subject: `p_${profile}`, id: messageId };
    const sealed = this.#ring.seal(subjectKey(`p_${profile}`), words, Buffer.from(JSON.stringify({ identifier: profile, fields })));
    const times = { timestampMs: BigInt(nowMs - lateMs + (this.#below(40) === 0 ? 60_000 : 0)), receivedAtMs: BigInt(nowMs) };
    return { messageId, type, name, ...times, openJson: JSON.stringify(open), sealed, hops: 0, causes: [], source: 'app', profileId: '' };
  }

  #happening(): readonly [EventType, string, object, object] {
    const kind = this.#below(8);
    const total = this.#below(20_000) / 100;
    if (kind === 0) return [EventType.EVENT_TYPE_IDENTIFY, '', {}, { country: ['GB', 'ID', 'DE'][this.#below(3)] }];
    if (kind === 1) return [EventType.EVENT_TYPE_TRACK, 'Order Cancelled', { total }, {}];
    if (kind < 5) return [EventType.EVENT_TYPE_TRACK, 'Product Viewed', { product_id: `i${this.#below(9)}` }, {}];
    const line = () => ({ product_id: `i${this.#below(9)}`, quantity: 1 + this.#below(3), price: this.#below(5_000) / 100, category: `c${this.#below(4)}` });
    const products = Array.from({ length: 1 + this.#below(3) }, line);
    return [EventType.EVENT_TYPE_TRACK, 'Order Completed', { total, currency: this.#below(2) === 0 ? 'GBP' : 'EUR', gift: this.#below(2) === 0, products }, {}];
  }
}
