import { randomUUID } from 'node:crypto';
import type { Configuration } from '@attune/configuration/configuration';
import type { Configurations } from '@attune/configuration/configurations';
import { jsonDoor } from '@attune/grpc/json-door';
import { jsonStreams } from '@attune/grpc/json-streams';
import type { Rpc } from '@attune/grpc/rpc';
import type { RpcStream } from '@attune/grpc/rpc-stream';
import type { FeatureKindSpec } from '@attune/kernel/feature-kind';
import type { ProcessorDefinition } from '@attune/processor/definition';
import { type Processing, Processor } from '@attune/processor/processor';
import { type Container, get } from '@attune/runtime/di';
import type { KeyRing } from '@attune/sealing/key-ring';
import type { FastifyInstance } from 'fastify';
import { profileCodec } from './adapters/profile-codec.ts';
import { featureKinds } from './domain/features/index.ts';
import { type SegmentTiming, segmentTimings } from './domain/segment-timing.ts';
import { rulesOfConfiguration } from './flows/active-rules.ts';
import { describeDataUse } from './flows/describe-data-use.ts';
import { type EraseProfile, eraseProfile, type GetErasure, getErasure } from './flows/erase-profile.ts';
import { explainSegment } from './flows/explain-segment.ts';
import { exportProfile } from './flows/export-profile.ts';
import { profilesProcessor } from './flows/fold-activity.ts';
import { getConsent } from './flows/get-consent.ts';
import { type GetFeatures, getFeatures } from './flows/get-features.ts';
import { getOnlineFeatures } from './flows/get-online-features.ts';
import { type GetProfile, getProfile } from './flows/get-profile.ts';
import { objectToProfiling, restrictProcessing } from './flows/limit-use.ts';
import { ProfileFeed } from './flows/profile-feed.ts';
import { type RecordConsent, recordConsent } from './flows/record-consent.ts';
import { type RecordFact, recordFact } from './flows/record-fact.ts';
import { rectifyProfile } from './flows/rectify-profile.ts';
import { ACTIVITY } from './flows/state-keys.ts';
import { watchProfile } from './flows/watch-profile.ts';
import {
  type AcceptConsent,
  type AcceptErasure,
  type AcceptFact,
  type AcceptTraits,
  CLOCK,
  EVENT_LOG,
  type ProfilesState,
  type ResolveSubject,
  type ResolveSubjects,
  STATE_STORE,
  STOPWATCH,
} from './ports.ts';
import { feastRoutes } from './transport/feast-http.ts';
import { featureStoreRpcs, featureStoreStreams } from './transport/rpc.ts';

export { CLOCK, EVENT_LOG, STATE_STORE, STOPWATCH } from './ports.ts';

/** Where this service stands in the whole. */
export interface FeatureStoreOptions {
  readonly tenant: string;
  /** The same ring that ingestion seals with. */
  readonly ring: KeyRing;
  readonly configurations: Configurations;
  /** The configuration of this process; each profile is read under the one that its position implies. */
  readonly configuration: () => Configuration;
  readonly resolve: ResolveSubject;
  readonly resolveMany: ResolveSubjects;
  readonly acceptConsent: AcceptConsent;
  readonly acceptFact: AcceptFact;
  readonly acceptErasure: AcceptErasure;
  readonly acceptTraits: AcceptTraits;
  /** How its processors look at idle partitions, and who hears of their faults. */
  readonly processing?: Processing;
}

/** A running feature store. */
export interface FeatureStore {
  readonly processor: Pick<Processor<unknown>, 'status' | 'standing' | 'slotOf' | 'look'> & { readonly topic: string };
  readonly getProfile: GetProfile;
  readonly getFeatures: GetFeatures;
  readonly recordConsent: RecordConsent;
  readonly recordFact: RecordFact;
  readonly eraseProfile: EraseProfile;
  readonly getErasure: GetErasure;
  /** The service's calls, for other doors than the app. */
  readonly rpcs: readonly Rpc[];
  /** Those that are answered by a stream. */
  readonly streams: readonly RpcStream[];
  /** Stops folding within `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Starts folding and puts the service's calls onto an app. @throws AttuneError LOG_UNAVAILABLE, STORE_UNAVAILABLE, LOG_IDENTITY_CHANGED */
export async function featureStoreOn(app: FastifyInstance, c: Container, options: FeatureStoreOptions): Promise<FeatureStore> {
  const { tenant, ring, configurations, configuration, resolve, resolveMany, acceptConsent, acceptFact, acceptErasure, acceptTraits, processing } = options;
  const [log, store, clock, stopwatch] = [get(c, EVENT_LOG), get(c, STATE_STORE), get(c, CLOCK), get(c, STOPWATCH)];
  const codec = profileCodec(ring);
  const configurationOf = (document: string): Configuration => configurations.of(document);
  const definition = profilesProcessor({ ring, codec, configurationOf });
  const processor = new Processor(definition, { log, store, clock, stopwatch }, processing);
  const { partitions } = await log.identity(ACTIVITY);
  await processor.start();
  const slotOf = (partition: number) => processor.slotOf(partition);
  const reading = { store, clock, ring, codec, partitions, slotOf, resolve, resolveMany, configurationOf, configuration };
  const saying = { ...reading, stopwatch, acceptConsent, newMessageId: randomUUID };
  const flows = {
    getProfile: getProfile(reading),
    getFeatures: getFeatures({ ...reading, stopwatch }),
    explainSegment: explainSegment(reading),
    getConsent: getConsent(reading),
    recordConsent: recordConsent(saying),
    restrictProcessing: restrictProcessing(saying),
    objectToProfiling: objectToProfiling(saying),
    rectifyProfile: rectifyProfile({ ...reading, stopwatch, acceptTraits, newMessageId: randomUUID }),
    exportProfile: exportProfile({ ...reading, log }),
    describeDataUse: describeDataUse(reading),
    recordFact: recordFact({ ...reading, acceptFact }),
    eraseProfile: eraseProfile({ ...reading, stopwatch, acceptErasure }),
    getErasure: getErasure(reading),
  };
  const rpcs = featureStoreRpcs(flows);
  jsonDoor(app, rpcs, () => tenant, processing?.telemetry);
  const feed = new ProfileFeed({ log, stopwatch, partitions });
  const streams = featureStoreStreams(watchProfile({ ...reading, getProfile: flows.getProfile, feed }));
  jsonStreams(app, streams, () => tenant);
  const readable = async (): Promise<void> => void (await store.read(slotOf(0), []));
  feastRoutes(app, { getOnlineFeatures: getOnlineFeatures({ ...reading, stopwatch }), tenant, readable });
  const stage = { topic: ACTIVITY, status: () => processor.status(), standing: () => processor.standing(), look: () => processor.look(), slotOf };
  const stop = (graceMs: number): Promise<void> => {
    feed.stop();
    return processor.stop(graceMs);
  };
  return { ...flows, processor: stage, rpcs, streams, stop };
}

/** How each kind of feature is written in the configuration. */
export const featureKindSpecs: readonly FeatureKindSpec[] = featureKinds.map(({ spec }) => spec);

/** How the changes of each segment by time alone are found. */
export const timingsOf = (configuration: Configuration): readonly SegmentTiming[] => segmentTimings(rulesOfConfiguration(configuration));

/** The fold of profiles by itself, for simulations and benchmarks. */
export const profilesDefinition = (ring: KeyRing, configurations: Configurations): ProcessorDefinition<ProfilesState> =>
  profilesProcessor({ ring, codec: profileCodec(ring), configurationOf: (document) => configurations.of(document) });
