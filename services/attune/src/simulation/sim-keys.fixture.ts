import { createHash } from 'node:crypto';
import { AttuneError } from '@attune/kernel/errors';
import type { FoundKey, KeyId, KeyStore } from '@attune/sealing/port';
import type { Scheduler, SimProcess } from '@attune/testing/simulation/scheduler';

/** Keys that are what their names hash to, so that every process has the same and a replay seals the same bytes. Test only. */
export const plainKeys: KeyStore = {
  ensure: async (_tenant, ids) => keysOf(ids),
  find: async (_tenant, ids) => keysOf(ids),
  destroy: async () => {},
  close: async () => {},
};

/** The same as a process of the simulated world gets them: when the scheduler says, or not at all. */
export function simKeys(scheduler: Scheduler, process: SimProcess): KeyStore {
  const fault = (): Error => new AttuneError('KEY_UNAVAILABLE', 'simulated.');
  const answer = (_tenant: string, ids: readonly KeyId[]) => scheduler.call(process, { effect: () => keysOf(ids), fault });
  return { ...plainKeys, ensure: answer, find: answer };
}

const keysOf = (ids: readonly KeyId[]): ReadonlyMap<KeyId, FoundKey> =>
  new Map(ids.map((id) => [id, { kind: 'key', bytes: createHash('sha256').update(id).digest() }]));
