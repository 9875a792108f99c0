import { join } from 'node:path';
import { AttuneError } from '@attune/kernel/errors';
import { namespacedStore } from '@attune/state-store/namespaced';
import type { SlotReader, StateStore } from '@attune/state-store/port';
import { RedisStateStore } from '@attune/state-store/redis-state-store';
import { SqliteStateStore } from '@attune/state-store/sqlite-state-store';
import type { Settings } from './config.ts';

/** Opens the store that profiles lie in for reading: that of ATTUNE_REDIS_URL where brokers are named, else that of the data folder. @throws AttuneError SETTING_INVALID, STORE_UNAVAILABLE */
export async function openStoreAtRest({
  ATTUNE_KAFKA_BROKERS,
  ATTUNE_REDIS_URL: url,
  ATTUNE_NAMESPACE,
  ATTUNE_DATA_DIR,
}: Settings): Promise<StateStore & SlotReader> {
  if (ATTUNE_KAFKA_BROKERS === undefined) return new SqliteStateStore(join(ATTUNE_DATA_DIR, 'store.sqlite'));
  if (url === undefined) throw new AttuneError('SETTING_INVALID', 'ATTUNE_REDIS_URL: profiles of a cluster lie there. Name it, or ask a service by --address.');
  const redis = new RedisStateStore({ url });
  await redis.connected();
  return ATTUNE_NAMESPACE === '' ? redis : namespacedStore(redis, ATTUNE_NAMESPACE);
}
