import type { FeatureKindSpec } from '@attune/kernel/feature-kind';
import { Processor } from '@attune/processor/processor';
import { type Container, get } from '@attune/runtime/di';
import type { FastifyInstance } from 'fastify';
import { profileCodec as codec } from './adapters/profile-codec.ts';
import { featureKinds } from './domain/features/index.ts';
import { profileProcessor } from './flows/fold-activity.ts';
import { getProfile } from './flows/get-profile.ts';
import { CLOCK, EVENT_LOG, type IdentifierHash, STATE_STORE, STOPWATCH } from './ports.ts';
import { featureStoreRoutes } from './transport/http.ts';

export { CLOCK, EVENT_LOG, STATE_STORE, STOPWATCH } from './ports.ts';

/** Where this service stands in the whole. */
export interface FeatureStoreOptions {
  /** The topic that profiles are folded from. */
  readonly topic: string;
  readonly tenant: string;
  readonly identifierHash: IdentifierHash;
}

/** Starts folding and puts the service's calls onto an app; the answer stops the folding. */
export async function featureStoreOn(app: FastifyInstance, c: Container, { topic, tenant, identifierHash }: FeatureStoreOptions): Promise<Processor<unknown>> {
  const log = get(c, EVENT_LOG);
  const store = get(c, STATE_STORE);
  const clock = get(c, CLOCK);
  const processor = new Processor(profileProcessor(topic, codec), { log, store, clock, stopwatch: get(c, STOPWATCH) });
  const { partitions } = await log.identity(topic);
  const slotOf = (partition: number) => processor.slotOf(partition);
  await processor.start();
  featureStoreRoutes(app, getProfile({ store, clock, topic, partitions, slotOf, identifierHash, codec }), tenant);
  return processor as Processor<unknown>;
}

/** How each kind of feature is written in the configuration. */
export const featureKindSpecs: readonly FeatureKindSpec[] = featureKinds.map(({ spec }) => spec);
