import type { Configuration } from '@attune/configuration/configuration';
import type { TenantId } from '@attune/event-log/port';
import { jsonDoor } from '@attune/grpc/json-door';
import type { Rpc } from '@attune/grpc/rpc';
import type { ProcessorDefinition } from '@attune/processor/definition';
import type { Following } from '@attune/processor/follow-topic';
import { type Processing, Processor } from '@attune/processor/processor';
import { type Container, get } from '@attune/runtime/di';
import { silent } from '@attune/runtime/telemetry/port';
import { IDENTIFIER_KEY, identifierHashOf } from '@attune/sealing/identifier-hash';
import type { KeyRing } from '@attune/sealing/key-ring';
import type { FastifyInstance } from 'fastify';
import { identityCodec as codec } from './adapters/identity-codec.ts';
import { allowIdentifier } from './flows/accept-allowance.ts';
import { type AcceptConsent, acceptConsent } from './flows/accept-consent.ts';
import { type AcceptErasure, acceptErasure } from './flows/accept-erasure.ts';
import { type AcceptFact, type AcceptTraits, acceptFact, acceptTraits } from './flows/accept-fact.ts';
import { countJoins } from './flows/count-joins.ts';
import { followEvents } from './flows/follow-events.ts';
import { listQuarantined } from './flows/list-quarantined.ts';
import { listRejected } from './flows/list-rejected.ts';
import { type PublishEvents, publishEvents } from './flows/publish-events.ts';
import { type PublishItems, publishItems } from './flows/publish-items.ts';
import { readHistory } from './flows/read-history.ts';
import { readRejected } from './flows/read-rejected.ts';
import { replayRejected } from './flows/replay-rejected.ts';
import { replayedEvents } from './flows/replayed-events.ts';
import { type IdentityState, resolveAccepted } from './flows/resolve-accepted.ts';
import { type ResolveSubject, type ResolveSubjects, resolveSubject, resolveSubjects } from './flows/resolve-subject.ts';
import { ACCEPTED, CLOCK, EVENT_LOG, SECRETS, STATE_STORE, STOPWATCH } from './ports.ts';
import type { WebOrigins } from './transport/cors.ts';
import { ingestionRoutes } from './transport/http.ts';
import { ingestionRpcs } from './transport/rpc.ts';
import { type TenantOfKey, tenantOf, tenantOfCredential } from './transport/write-key.ts';

export { ITEMS, type PublishItems } from './flows/publish-items.ts';
export { ACCEPTED, ACTIVITY, CLOCK, EVENT_LOG, EVENTS, REJECTED, REPLAYED, SECRETS, STATE_STORE, STOPWATCH } from './ports.ts';

/** Where this service stands in the whole. */
export interface IngestionOptions {
  readonly tenantOfKey: TenantOfKey;
  /** Whose events applications write into attune.events.v1. */
  readonly tenant: TenantId;
  /** The configuration that holds now; its events and traits are what the door checks against. */
  readonly configuration: () => Configuration;
  readonly ring: KeyRing;
  /** Whose pages may read the door's answers; absent = all. */
  readonly webOrigins?: WebOrigins;
  /** How its processors look at idle partitions, and who hears of their faults. */
  readonly processing?: Processing;
}

/** The service as the others call it. */
export interface Ingestion {
  /** The resolver. */
  readonly processor: Processor<IdentityState>;
  /** The door to attune.events.v1. */
  readonly following: Following;
  readonly publish: PublishEvents;
  readonly resolve: ResolveSubject;
  readonly resolveMany: ResolveSubjects;
  readonly acceptConsent: AcceptConsent;
  readonly acceptFact: AcceptFact;
  readonly acceptErasure: AcceptErasure;
  readonly acceptTraits: AcceptTraits;
  readonly publishItems: PublishItems;
  /** The service's calls, for other doors than the app. */
  readonly rpcs: readonly Rpc[];
  /** Stops resolving within that time; the door goes with the app. */
  stop(graceMs: number): Promise<void>;
}

/** Starts the resolver and puts the door and the service's calls onto an app. The topics exist already. @throws AttuneError KEY_UNAVAILABLE, LOG_UNAVAILABLE, STORE_UNAVAILABLE, LOG_IDENTITY_CHANGED */
export async function ingestionOn(app: FastifyInstance, c: Container, options: IngestionOptions): Promise<Ingestion> {
  const { tenantOfKey, tenant, configuration, ring, processing, webOrigins = ['*'] } = options;
  const ports = { log: get(c, EVENT_LOG), store: get(c, STATE_STORE), clock: get(c, CLOCK), stopwatch: get(c, STOPWATCH) };
  const identifierHash = identifierHashOf(await get(c, SECRETS).get(IDENTIFIER_KEY));
  const { partitions } = await ports.log.identity(ACCEPTED);
  const telemetry = processing?.telemetry ?? silent;
  const processor = new Processor(resolveAccepted(ring, codec), ports, { ...processing, counted: countJoins(telemetry) });
  const publish = publishEvents({ ...ports, ring, identifierHash, contract: configuration, telemetry });
  const resolving = { ...ports, codec, identifierHash, partitions, slotOf: (partition: number) => processor.slotOf(partition) };
  await processor.start();
  const following = await followEvents({ log: ports.log, clock: ports.clock, tenant, publish, ...processing, telemetry });
  ingestionRoutes(app, publish, { tenantOfKey, webOrigins, telemetry, stopwatch: ports.stopwatch });
  const acceptFacts = acceptFact({ ...ports, ring, contract: configuration });
  const calls = {
    resolve: resolveSubject(resolving),
    resolveMany: resolveSubjects(resolving),
    acceptFact: acceptFacts,
    acceptConsent: acceptConsent({ ...ports, ring, identifierHash, contract: configuration }),
    acceptErasure: acceptErasure(ports),
    acceptTraits: acceptTraits({ ...ports, ring, contract: configuration }),
    publishItems: publishItems(ports),
  };
  const reader = { ...ports, ring, replayed: replayedEvents(ports) };
  const rejects = { list: listRejected(reader), get: readRejected(reader), replay: replayRejected(reader, publish) };
  const identity = {
    ...calls,
    history: readHistory(resolving),
    listQuarantined: listQuarantined(resolving),
    allowIdentifier: allowIdentifier({ ...ports, identifierHash }),
  };
  const rpcs = ingestionRpcs({ ...calls, identity, publish, rejects, tenantOf: (authorization) => tenantOfCredential(authorization, tenantOfKey) });
  jsonDoor(app, rpcs, (request) => tenantOf(request, tenantOfKey), telemetry);
  const stop = async (graceMs: number): Promise<void> => {
    await following.stop(graceMs);
    await processor.stop(graceMs);
  };
  return { ...calls, processor, following, publish, rpcs, stop };
}

/** The resolver by itself, for simulations. */
export const identitiesDefinition = (ring: KeyRing): ProcessorDefinition<IdentityState> => resolveAccepted(ring, codec);
