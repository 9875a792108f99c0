import { AcceptedEvent } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import { KeyRing } from '@attune/sealing/key-ring';
import type { KeyStore } from '@attune/sealing/port';
import { expect, test } from 'vitest';
import { identityCodec } from '../adapters/identity-codec.ts';
import { ACCEPTED } from '../ports.ts';
import { type IdentityState, identityKey, resolveAccepted } from './resolve-accepted.ts';

/** A key store that notes what is asked of it. */
function asking() {
  const asked: string[] = [];
  const answer = (how: string) => async (tenant: string, ids: readonly string[]) => {
    asked.push(...ids.map((id) => `${how} ${tenant} ${id}`));
    return new Map(ids.map((id) => [id, { kind: 'key', bytes: new Uint8Array(32) } as const]));
  };
  const store: KeyStore = { ensure: answer('ensure'), find: answer('find'), destroy: async () => {}, close: async () => {} };
  return { asked, definition: resolveAccepted(new KeyRing(store, { elapsedMs: () => 0, sleep: async () => {} }), identityCodec) };
}

const aRecord = (key: string, offset: number, messageId: string, tenant = 'default'): LogRecord => {
  const sealed = { keyId: 'day/2026-11-24', nonce: new Uint8Array(12), ciphertext: new Uint8Array(16) };
  const event = AcceptedEvent.fromPartial({ record: { $case: 'event', value: { messageId, receivedAtMs: 1_000n, sealed } } });
  return { topic: ACCEPTED, partition: 0, offset, appendedAtMs: 1_000, tenant, key, value: AcceptedEvent.encode(event).finish(), headers: {} };
};

const aLink = (key: string, offset: number, profileId: string): LogRecord => {
  const link = AcceptedEvent.fromPartial({ record: { $case: 'link', value: { profileId, receivedAtMs: 1_000n } } });
  return { ...aRecord(key, offset, ''), value: AcceptedEvent.encode(link).finish() };
};

/** Folds the records as one step does, and answers the keys of what it emits. */
async function folded(records: readonly LogRecord[], known: ReadonlyMap<string, IdentityState> = new Map()) {
  const { asked, definition } = asking();
  const states = new Map<string, IdentityState>(records.map((record) => [definition.keyOf(record), known.get(definition.keyOf(record)) ?? definition.empty()]));
  await definition.prepare?.(records, states);
  const profiles = records.map((record) => {
    const state = states.get(definition.keyOf(record)) ?? definition.empty();
    return definition.fold(state, record, state).emissions[0]?.key;
  });
  return { asked, profiles };
}

test('a step asks for the key of each day and of each profile once, new profiles included, by tenant', async () => {
  const known = new Map([[identityKey('default', 'b'), { identity: { profileId: 'p_bea', newestMs: 0, seen: [] } }]]);
  const records = [aRecord('a', 0, 'm0'), aRecord('a', 1, 'm1'), aRecord('b', 2, 'm2'), aRecord('a', 3, 'm3', 'other')];
  const { asked, profiles } = await folded(records, known);
  const [ada, , bea, other] = profiles;
  expect(profiles).toEqual([ada, ada, 'p_bea', other]);
  expect(new Set([ada, bea, other]).size).toBe(3);
  const wanted = ['find default day/2026-11-24', `ensure default subject/${ada}`, 'ensure default subject/p_bea'];
  expect(asked).toEqual([...wanted, 'find other day/2026-11-24', `ensure other subject/${other}`]);
});

test('a step asks for the keys of the profiles that links within it lead to', async () => {
  const { asked, profiles } = await folded([
    aRecord('v', 0, 'm0'),
    aLink('v', 1, 'p_ada'),
    aRecord('v', 2, 'm1'),
    aLink('v', 3, 'p_bea'),
    aRecord('v', 4, 'm2'),
  ]);
  const [visitor, , , , nobody] = profiles;
  expect(profiles).toEqual([visitor, visitor, 'p_ada', nobody, nobody]);
  expect(new Set(profiles).size).toBe(3);
  expect(asked.slice(1)).toEqual([visitor, 'p_ada', nobody].map((profileId) => `ensure default subject/${profileId}`));
});

test('a record that cannot be read makes no key, and the next one of its identifier is the first', async () => {
  const { asked, definition } = asking();
  const bad = { ...aRecord('a', 0, 'm0'), value: Uint8Array.of(255, 255, 255) };
  await definition.prepare?.([bad], new Map([[definition.keyOf(bad), definition.empty()]]));
  expect(asked).toEqual([]);
  const state = definition.empty();
  expect(() => definition.fold(state, bad, state)).toThrow();
});

test('a record that says nothing of a customer changes nothing', () => {
  const { definition } = asking();
  const record = { ...aRecord('a', 0, 'm0'), value: new Uint8Array() };
  const state = definition.empty();
  expect(definition.fold(state, record, state)).toEqual({ emissions: [] });
  expect(definition.encode(state)).toBeUndefined();
});

test('a replay mints the same profile', async () => {
  expect((await folded([aRecord('a', 7, 'm0')])).profiles).toEqual((await folded([aRecord('a', 7, 'm0')])).profiles);
  expect((await folded([aRecord('a', 7, 'm0')])).profiles).not.toEqual((await folded([aRecord('a', 8, 'm0')])).profiles);
});
