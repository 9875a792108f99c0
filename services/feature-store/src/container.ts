import { randomUUID } from 'node:crypto';
import type { Configuration } from '@attune/configuration/configuration';
import type { Configurations } from '@attune/configuration/configurations';
import { jsonDoor } from '@attune/grpc/json-door';
import { jsonStreams } from '@attune/grpc/json-streams';
import type { Rpc } from '@attune/grpc/rpc';
import type { RpcStream } from '@attune/grpc/rpc-stream';
import type { FeatureKindSpec } from '@attune/kernel/feature-kind';
import { CommitBell } from '@attune/processor/commit-bell';
import type { ProcessorDefinition } from '@attune/processor/definition';
import { type Processing, Processor } from '@attune/processor/processor';
import { type Container, get } from '@attune/runtime/di';
import type { Clock, Stopwatch } from '@attune/runtime/world';
import type { KeyRing } from '@attune/sealing/key-ring';
import type { StateStore } from '@attune/state-store/port';
import type { FastifyInstance } from 'fastify';
import { writeCsv } from './adapters/csv-file.ts';
import { writeParquet } from './adapters/parquet-file.ts';
import { profileCodec } from './adapters/profile-codec.ts';
import { featureKinds } from './domain/features/index.ts';
import { type SegmentTiming, segmentTimings } from './domain/segment-timing.ts';
import { rulesOfConfiguration } from './flows/active-rules.ts';
import { buildDataset, type Dataset, type DatasetPorts } from './flows/build-dataset.ts';
import { checkParity, type Mismatch, type Parity, type ParityAsked } from './flows/check-parity.ts';
import { describeDataUse } from './flows/describe-data-use.ts';
import { type EraseProfile, eraseProfile, type GetErasure, getErasure } from './flows/erase-profile.ts';
import { explainSegment } from './flows/explain-segment.ts';
import { exportProfile } from './flows/export-profile.ts';
import { findDecisions } from './flows/find-decisions.ts';
import { profilesProcessor } from './flows/fold-activity.ts';
import type { DatasetAsked } from './flows/gather-rows.ts';
import { type GetConsent, getConsent } from './flows/get-consent.ts';
import { type GetFeatures, getFeatures } from './flows/get-features.ts';
import { getOnlineFeatures } from './flows/get-online-features.ts';
import { type GetProfile, getProfile } from './flows/get-profile.ts';
import { objectToProfiling, restrictProcessing } from './flows/limit-use.ts';
import { answerLine, answersInLine, answersOf } from './flows/parity-answers.ts';
import { ProfileFeed } from './flows/profile-feed.ts';
import { type RecordConsent, recordConsent } from './flows/record-consent.ts';
import { type RecordFact, recordFact } from './flows/record-fact.ts';
import { rectifyProfile } from './flows/rectify-profile.ts';
import { requestsFor, sampleProfiles } from './flows/sample-answers.ts';
import { ACTIVITY } from './flows/state-keys.ts';
import { type DifferingRecord, traceMismatches } from './flows/trace-mismatch.ts';
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
  type WriteRows,
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
  readonly getConsent: GetConsent;
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
  const bell = new CommitBell();
  const processor = new Processor(definition, { log, store, clock, stopwatch }, { ...processing, bell });
  const { partitions } = await log.identity(ACTIVITY);
  await processor.start();
  const slotOf = (partition: number) => processor.slotOf(partition);
  const reading = { store, clock, ring, codec, partitions, slotOf, resolve, resolveMany, configurationOf, configuration };
  const waiting = { ...reading, stopwatch, bell };
  const saying = { ...waiting, acceptConsent, newMessageId: randomUUID };
  const flows = {
    getProfile: getProfile(waiting),
    getFeatures: getFeatures(waiting),
    explainSegment: explainSegment(reading),
    getConsent: getConsent(reading),
    recordConsent: recordConsent(saying),
    restrictProcessing: restrictProcessing(saying),
    objectToProfiling: objectToProfiling(saying),
    rectifyProfile: rectifyProfile({ ...waiting, acceptTraits, newMessageId: randomUUID }),
    exportProfile: exportProfile({ ...reading, log }),
    describeDataUse: describeDataUse(reading),
    recordFact: recordFact({ ...reading, acceptFact }),
    eraseProfile: eraseProfile({ ...waiting, acceptErasure }),
    getErasure: getErasure(reading),
  };
  const rpcs = featureStoreRpcs(flows);
  jsonDoor(app, rpcs, () => tenant, processing?.telemetry);
  const feed = new ProfileFeed({ log, stopwatch, partitions });
  const streams = featureStoreStreams(watchProfile({ ...reading, getProfile: flows.getProfile, feed }));
  jsonStreams(app, streams, () => tenant);
  const readable = async (): Promise<void> => void (await store.read(slotOf(0), []));
  feastRoutes(app, { getOnlineFeatures: getOnlineFeatures(waiting), tenant, readable });
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

export type { Dataset } from './flows/build-dataset.ts';
export type { DatasetAsked } from './flows/gather-rows.ts';

/** What folds a log again. */
export interface ReplaySources {
  readonly log: DatasetPorts['log'];
  readonly ring: KeyRing;
  readonly configurations: Configurations;
}

const replayPorts = ({ log, ring, configurations }: ReplaySources): DatasetPorts => ({
  ...{ log, ring, codec: profileCodec(ring) },
  configurationOf: (document) => configurations.of(document),
});

/** Builds a dataset from the log: see `buildDataset`. */
export const datasetOf = (sources: ReplaySources, asked: DatasetAsked): Promise<Dataset> => buildDataset(replayPorts(sources), asked);

/** By format: how rows are written into a file. */
export const rowFiles: Readonly<Record<'csv' | 'parquet', WriteRows>> = { csv: writeCsv, parquet: writeParquet };

export type { Mismatch, Parity } from './flows/check-parity.ts';
export type { ServedAnswer } from './flows/parity-answers.ts';
export type { DifferingRecord } from './flows/trace-mismatch.ts';
export { answerLine, answersInLine, answersOf, findDecisions, sampleProfiles };

/** A mismatch with the record that tells it from the log, for as many as are traced. */
export interface TracedMismatch extends Mismatch {
  readonly differs?: DifferingRecord;
}

const TRACED_MAX = 20;

/** Compares what was served with the log: see `checkParity`; the first 20 mismatches with the record that tells them apart. */
export async function parityOf(
  sources: ReplaySources,
  asked: Omit<ParityAsked, 'bounds'>,
): Promise<Omit<Parity, 'mismatches'> & { readonly mismatches: readonly TracedMismatch[]; readonly records: number }> {
  const ports = replayPorts(sources);
  const { partitions } = await ports.log.identity(ACTIVITY);
  const bounds = await Promise.all(Array.from({ length: partitions }, (_, partition) => ports.log.bounds(ACTIVITY, partition)));
  const parity = await checkParity(ports, { ...asked, bounds });
  const records = bounds.reduce((sum, { startOffset, endOffset }) => sum + endOffset - startOffset, 0);
  if (parity.mismatches.length === 0) return { ...parity, records };
  const traced = await traceMismatches(ports, { tenant: asked.tenant, bounds, mismatches: parity.mismatches.slice(0, TRACED_MAX) });
  const mismatches = parity.mismatches.map((mismatch, i): TracedMismatch => ({ ...mismatch, ...(traced[i] && { differs: traced[i] }) }));
  return { ...parity, records, mismatches };
}

/** What reads profiles from a store, without the service. */
export interface StoredFeatures extends Omit<ReplaySources, 'log'> {
  readonly store: StateStore;
  readonly partitions: number;
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
}

/** `GetFeatures` of a store, as the service answers it; subjects by profile id. */
export function storedFeatures({ store, partitions, ring, configurations, configuration, clock, stopwatch }: StoredFeatures): GetFeatures {
  const nobody = async () => ({ profileId: '', position: undefined });
  return getFeatures({
    ...{ store, clock, stopwatch, ring, partitions, codec: profileCodec(ring), resolve: nobody },
    slotOf: (partition) => ({ processor: 'profiles', partition, partitions }),
    resolveMany: (_, subjects) => Promise.all(subjects.map(nobody)),
    configurationOf: (document) => configurations.of(document),
    configuration: () => configuration,
  });
}

/** The calls of `GetFeatures` that ask all that a purpose may know of these profiles. */
export const parityRequests = (configuration: Configuration, purpose: string, profileIds: readonly string[]) =>
  requestsFor(rulesOfConfiguration(configuration), purpose, profileIds);
