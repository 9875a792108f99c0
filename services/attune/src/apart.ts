import { FeatureStoreServiceService } from '@attune/contracts/grpc/features/v1/features';
import { IdentityServiceService } from '@attune/contracts/grpc/identity/v1/identity';
import { IngestionServiceService } from '@attune/contracts/grpc/ingestion/v1/ingestion';
import { PrivacyServiceService } from '@attune/contracts/grpc/privacy/v1/privacy';
import type { Subject } from '@attune/contracts/messages/common/v1/common';
import type { FeatureStoreOptions } from '@attune/feature-store/composition';
import { type RpcCalls, rpcClient } from '@attune/grpc/client';
import { AttuneError, codeOf } from '@attune/kernel/errors';
import type { Models } from '@attune/scoring/composition';
import { type Host, type Hosted, type HostingOptions, hosted, newHost, type Part, TENANT } from './hosting.ts';
import { isErasedBy } from './is-erased.ts';
import { featureStorePart, ingestionPart, notificationPart, scoringPart } from './parts.ts';
import type { ServiceName } from './service-names.ts';
import { activateConfiguration, topicsOf } from './topics.ts';

/** What one service's process is made of. */
export interface ApartOptions extends HostingOptions {
  readonly document: string;
  readonly messagesFolder: string;
  /** Reads the models of the configuration, where the service needs them. Absent = there are none. @throws AttuneError CONFIGURATION_INVALID */
  readonly models?: () => Models;
}

/** The longest that one service waits for another. */
const CALL_DEADLINE_MS = 3_000;
/** Consent is answered once reads obey it, which may take 3 s by itself. */
const CONSENT_DEADLINE_MS = 5_000;
/** On a cluster a look costs two calls of the store a partition; what is due comes so late at most, and nothing else waits for one. */
const TEND_EVERY_MS = 500;
/** Doors, at most three consumers behind each other, and the connections: each may take its share of the grace. */
const STOP_PARTS = 6;

/** Puts one service into a process of its own; the others are called over gRPC. Folds at once; does not listen yet. @throws AttuneError LOG_UNAVAILABLE, STORE_UNAVAILABLE, LOG_IDENTITY_CHANGED */
export async function apart(name: ServiceName, options: ApartOptions): Promise<Hosted> {
  const { foundations, configuration, document, partitions, clock } = options;
  const { log } = foundations;
  await log.ensureTopics(topicsOf(partitions));
  const topics = FOLDED_UNDER_CONFIGURATION[name];
  await activateConfiguration({ log, tenant: TENANT, configuration, document, partitions, nowMs: clock.nowMs(), topics });
  const host = newHost({ ...options, tendEveryMs: TEND_EVERY_MS });
  const part = await parts[name](host, options);
  return hosted(host, [part], { ...options, stopGraceMs: options.settings.ATTUNE_STOP_GRACE / STOP_PARTS });
}

/** The topics whose folds depend on the configuration, by who folds them. */
const FOLDED_UNDER_CONFIGURATION = {
  ingestion: [],
  'feature-store': ['attune.activity.v1'],
  scoring: ['attune.profiles.v1'],
  notification: ['attune.deliveries.v1'],
} as const;

const parts: Readonly<Record<ServiceName, (host: Host, options: ApartOptions) => Promise<Part>>> = {
  ingestion: (host, { settings }) => ingestionPart(host, settings),
  'feature-store': async (host, { settings, telemetry }) => {
    const identity = rpcClient(settings.ATTUNE_INGESTION_ADDR, IdentityServiceService, { deadlineMs: CALL_DEADLINE_MS, telemetry });
    const ingestion = rpcClient(settings.ATTUNE_INGESTION_ADDR, IngestionServiceService, { deadlineMs: CALL_DEADLINE_MS, telemetry });
    const part = await featureStorePart(host, {
      resolve: (_tenant, subject) => identity.calls.resolve({ subject }),
      resolveMany: manyResolved(identity.calls),
      acceptConsent: async (_tenant, { leaf = '', profileId = '', ...said }) => {
        const { position } = await ingestion.calls.acceptConsent({ ...said, leaf, profileId });
        if (position === undefined) throw new AttuneError('INTERNAL', 'Consent was taken without a position.');
        return { ...position, offset: Number(position.offset) };
      },
      acceptFact: async (_tenant, given) => {
        const { position } = await ingestion.calls.acceptFact(given);
        if (position === undefined) throw new AttuneError('INTERNAL', 'A fact was taken without a position.');
        return { ...position, offset: Number(position.offset) };
      },
      acceptTraits: async (_tenant, given) => {
        const { position } = await ingestion.calls.acceptTraits({ ...given, traits: { ...given.traits } });
        if (position === undefined) throw new AttuneError('INTERNAL', 'Traits were taken without a position.');
        return { ...position, offset: Number(position.offset) };
      },
      acceptErasure: async (_tenant, given) => {
        const { position } = await ingestion.calls.acceptErasure({ ...given, leaves: [...given.leaves] });
        if (position === undefined) throw new AttuneError('INTERNAL', 'An erasure was taken without a position.');
        return { ...position, offset: Number(position.offset) };
      },
    });
    return closing(part, identity, ingestion);
  },
  scoring: async (host, options) => {
    const profiles = profilesOf(options);
    return closing(await scoringPart(host, profiles.ports, options.models), profiles);
  },
  notification: async (host, options) => {
    const { settings, messagesFolder, telemetry } = options;
    const profiles = profilesOf(options);
    const privacy = rpcClient(settings.ATTUNE_FEATURES_ADDR, PrivacyServiceService, { deadlineMs: CONSENT_DEADLINE_MS, telemetry });
    const recordConsent = (_tenant: string, request: Parameters<typeof privacy.calls.recordConsent>[0]) => privacy.calls.recordConsent(request);
    const publicUrl = () => settings.ATTUNE_PUBLIC_URL;
    return closing(await notificationPart(host, { ...profiles.ports, recordConsent }, { settings, messagesFolder, publicUrl }), profiles, privacy);
  },
};

/** Many in one call; one by one where ingestion is of a version that has no such call yet. */
const manyResolved =
  (calls: RpcCalls<typeof IdentityServiceService>): FeatureStoreOptions['resolveMany'] =>
  async (_tenant, subjects) => {
    const one = async (subject: Subject) => {
      const found = await calls.resolve({ subject }).catch((fault: unknown) => (codeOf(fault) === 'SUBJECT_UNKNOWN' ? undefined : Promise.reject(fault)));
      return found ?? { profileId: '', position: undefined };
    };
    try {
      return (await calls.resolveMany({ subjects: [...subjects] })).found;
    } catch (fault) {
      if (codeOf(fault) !== 'METHOD_UNKNOWN') throw fault;
      return Promise.all(subjects.map(one));
    }
  };

function profilesOf({ settings, telemetry }: ApartOptions) {
  const { calls, close } = rpcClient(settings.ATTUNE_FEATURES_ADDR, FeatureStoreServiceService, { deadlineMs: CALL_DEADLINE_MS, telemetry });
  const privacy = rpcClient(settings.ATTUNE_FEATURES_ADDR, PrivacyServiceService, { deadlineMs: CALL_DEADLINE_MS, telemetry });
  const ports = {
    getProfile: (_tenant: string, request: Parameters<typeof calls.getProfile>[0]) => calls.getProfile(request),
    getFeatures: (_tenant: string, request: Parameters<typeof calls.getFeatures>[0]) => calls.getFeatures(request),
    recordFact: (_tenant: string, request: Parameters<typeof calls.recordFact>[0]) => calls.recordFact(request),
    getConsent: (_tenant: string, request: Parameters<typeof privacy.calls.getConsent>[0]) => privacy.calls.getConsent(request),
    isErased: isErasedBy((_tenant, request) => privacy.calls.getErasure(request)),
  };
  const closeBoth = (): void => {
    close();
    privacy.close();
  };
  return { ports, close: closeBoth };
}

/** The part, whose connections go when it stops. */
const closing = (part: Part, ...connections: readonly { close(): void }[]): Part => ({
  ...part,
  stop: async (graceMs) => {
    await part.stop(graceMs);
    for (const connection of connections) connection.close();
  },
});
