import { aSlot, bytes, contentsOf } from '@attune/testing/contracts/state-store-samples';
import { type LocalRedis, startRedis } from '@attune/testing/provision/local-redis';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Slot, SlotChange, StateStore } from './port.ts';
import { RedisStateStore } from './redis-state-store.ts';
import { SqliteStateStore } from './sqlite-state-store.ts';

const KEYS = ['w', '__proto__', 'default:profile:ana', 'default:profile:🦋'];
const IDS = ['a', 'b', '10', '9', '🦋', '\uff5e'];

interface Step {
  /** Which watermark the writer believes in: that of the store, or an old one. */
  readonly stale: boolean;
  readonly states: readonly (readonly [string, string | undefined])[];
  readonly emissions: readonly string[];
  readonly published: readonly string[];
  readonly due: readonly (readonly [string, number | undefined])[];
  readonly skipped: readonly (readonly [number, string])[];
  readonly after: 'nothing' | 'trim' | 'clear';
}

const byByte = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** The promises of the port in the plainest words. */
class Model {
  watermark = '';
  readonly states = new Map<string, string>();
  readonly outbox = new Set<string>();
  readonly due = new Map<string, number>();
  readonly skips = new Map<number, string>();

  commit(step: Step, watermark: string): void {
    for (const id of step.published) this.outbox.delete(id);
    for (const id of step.emissions) this.outbox.add(id);
    for (const [key, state] of new Map(step.states)) state === undefined ? this.states.delete(key) : this.states.set(key, state);
    for (const [key, at] of new Map(step.due)) at === undefined ? this.due.delete(key) : this.due.set(key, at);
    for (const [offset, code] of step.skipped) this.skips.set(offset, code);
    this.watermark = watermark;
  }

  clear(): void {
    for (const part of [this.states, this.outbox, this.due, this.skips]) part.clear();
    this.watermark = '';
  }

  contents() {
    return {
      watermark: this.watermark,
      outboxWatermark: this.watermark,
      states: KEYS.map((key) => this.states.get(key)),
      outbox: [...this.outbox].sort().map((id) => [id, id.length.toString()]),
      due: [...this.due].sort(([a, atA], [b, atB]) => atA - atB || byByte(a, b)).map(([key, dueAtMs]) => ({ key, dueAtMs })),
      skipped: [...this.skips].sort(([a], [b]) => a - b),
    };
  }
}

const some = <T>(element: fc.Arbitrary<T>) => fc.array(element, { maxLength: 4 });
const aStep: fc.Arbitrary<Step> = fc.record({
  stale: fc.boolean(),
  states: some(fc.tuple(fc.constantFrom(...KEYS), fc.option(fc.constantFrom('', 'x', '\0\xff\r\n'), { nil: undefined }))),
  emissions: some(fc.constantFrom(...IDS)).map((ids) => [...new Set(ids)]),
  published: some(fc.constantFrom(...IDS)),
  due: some(fc.tuple(fc.constantFrom(...KEYS), fc.option(fc.nat(3), { nil: undefined }))),
  skipped: some(fc.tuple(fc.nat(5), fc.constantFrom('INTERNAL', 'RECORD_SKIPPED'))),
  after: fc.constantFrom('nothing', 'nothing', 'trim', 'clear'),
});

const changeOf = (step: Step, watermark: string): SlotChange => ({
  watermark: bytes(watermark),
  states: new Map(step.states.map(([key, state]) => [key, state === undefined ? undefined : Buffer.from(state, 'latin1')])),
  emissions: step.emissions.map((id) => ({ id, body: bytes(id.length.toString()) })),
  published: step.published,
  due: new Map(step.due),
  skipped: new Map(step.skipped),
});

/** Plays the steps on store and model and compares after each. */
async function play(store: StateStore, slot: Slot, steps: readonly Step[]): Promise<void> {
  const model = new Model();
  for (const [i, step] of steps.entries()) {
    const watermark = `${i}`;
    const expected = step.stale ? `not ${model.watermark}` : model.watermark;
    const result = await store.commit(slot, bytes(expected), changeOf(step, watermark));
    expect(result.kind).toBe(step.stale ? 'mismatch' : 'committed');
    if (!step.stale) model.commit(step, watermark);
    if (step.after === 'trim') for (const id of step.published) model.outbox.delete(id);
    if (step.after === 'trim') await store.trim(slot, step.published);
    if (step.after === 'clear') model.clear();
    if (step.after === 'clear') await store.clear(slot);
    expect(await contentsOf(store, slot, KEYS)).toEqual(model.contents());
  }
}

let redis: LocalRedis;
const stores: StateStore[] = [];
beforeAll(async () => {
  redis = await startRedis();
  const onRedis = new RedisStateStore({ url: redis.url });
  await onRedis.connected();
  stores.push(onRedis, new SqliteStateStore(':memory:'));
});
afterAll(async () => {
  for (const store of stores) await store.close();
  await redis.remove();
});

test('any run of steps leaves both stores as the plain words of the port say', async () => {
  const property = fc.asyncProperty(fc.array(aStep, { maxLength: 12 }), async (steps) => {
    for (const store of stores) await play(store, aSlot(), steps);
  });
  await fc.assert(property, { numRuns: 200 });
});
