import { FeatureStoreServiceService } from '@attune/contracts/grpc/features/v1/features';
import * as features from '@attune/contracts/messages/features/v1/features';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { type RpcClient, rpcClient } from './client.ts';
import { type RpcRow, rpcTable } from './rpc.ts';
import { type StreamRow, streamTable } from './rpc-stream.ts';
import { type GrpcOptions, type GrpcServer, grpcServer } from './server.ts';

const HOST = '127.0.0.1';
/** Where GetProfile is served. */
export const GET_PROFILE = FeatureStoreServiceService.getProfile.path;
/** The service of this world. */
export const SERVICE = 'attune.features.v1.FeatureStoreService';

type GetProfileFlow = RpcRow<features.GetProfileRequest, features.GetProfileResponse>['flow'];
type WatchProfileFlow = StreamRow<features.WatchProfileRequest, features.WatchProfileResponse>['flow'];

/** A server over loopback whose GetProfile does what the test says, and who calls it. */
export interface GrpcWorld {
  readonly server: GrpcServer;
  readonly address: string;
  readonly client: RpcClient<typeof FeatureStoreServiceService>;
  /** What the server logged. */
  readonly logged: readonly object[];
  /** What GetProfile does next; at first it answers the tenant as profile id. */
  getProfile: GetProfileFlow;
  /** What WatchProfile does next; at first it ends at once. */
  watchProfile: WatchProfileFlow;
  /** Calls with bytes as they are. */
  send(path: string, bytes: Buffer, metadata?: Metadata): Promise<Buffer>;
  end(): Promise<void>;
}

/** The request that most tests send. */
export const aboutAda: features.GetProfileRequest = features.GetProfileRequest.fromPartial({
  subject: { id: { $case: 'userId', value: 'ada' } },
  purpose: 'service',
});

/** An answer with that profile id. */
export const profile = (profileId: string): features.GetProfileResponse => features.GetProfileResponse.fromPartial({ profileId });

/** The calls that no test asks, each answered with a fault. */
export function unanswered(fault: Error) {
  const flow = (): Promise<never> => Promise.reject(fault);
  return {
    explainSegment: { request: features.ExplainSegmentRequest, response: features.ExplainSegmentResponse, flow },
    listSegments: { request: features.ListSegmentsRequest, response: features.ListSegmentsResponse, flow },
    getSegmentSize: { request: features.GetSegmentSizeRequest, response: features.GetSegmentSizeResponse, flow },
    listSegmentMembers: { request: features.ListSegmentMembersRequest, response: features.ListSegmentMembersResponse, flow },
    recordFact: { request: features.RecordFactRequest, response: features.RecordFactResponse, flow },
  } as const;
}

/** Starts it. */
export async function grpcWorld({ deadlineMs = 10_000, ...more }: Partial<GrpcOptions> & { readonly deadlineMs?: number } = {}): Promise<GrpcWorld> {
  const logged: object[] = [];
  const log = { warn: (fact: object) => void logged.push(fact), error: (fact: object) => void logged.push(fact) };
  const behaviour: { getProfile: GetProfileFlow; watchProfile: WatchProfileFlow } = {
    getProfile: async (tenant) => profile(tenant),
    watchProfile: async function* () {},
  };
  const rpcs = rpcTable(FeatureStoreServiceService, {
    ...unanswered(new Error('nobody answers')),
    getProfile: {
      request: features.GetProfileRequest,
      response: features.GetProfileResponse,
      flow: (tenant, request) => behaviour.getProfile(tenant, request),
    },
    getFeatures: {
      request: features.GetFeaturesRequest,
      response: features.GetFeaturesResponse,
      flow: async () => features.GetFeaturesResponse.fromPartial({}),
    },
  });
  const streams = streamTable(FeatureStoreServiceService, {
    watchProfile: {
      request: features.WatchProfileRequest,
      response: features.WatchProfileResponse,
      flow: (tenant, request, signal) => behaviour.watchProfile(tenant, request, signal),
    },
  });
  const server = grpcServer({ rpcs, streams, tenantOf: () => 'default', log, ...more });
  const address = `${HOST}:${await server.listen(HOST, 0)}`;
  const client = rpcClient(address, FeatureStoreServiceService, { deadlineMs });
  const raw = new Client(address, credentials.createInsecure(), { 'grpc.enable_http_proxy': 0 });
  const asItIs = (bytes: Buffer): Buffer => bytes;
  const send = (path: string, bytes: Buffer, metadata = new Metadata()): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + deadlineMs };
      raw.makeUnaryRequest(path, asItIs, asItIs, bytes, metadata, options, (fault, answer) =>
        fault === null ? resolve(answer ?? Buffer.alloc(0)) : reject(fault),
      );
    });
  const end = async (): Promise<void> => {
    client.close();
    raw.close();
    await server.stop(1_000);
  };
  return Object.assign(behaviour, { server, address, client, logged, send, end });
}

/** The fault of a call that must fail. */
export const faultOf = (call: Promise<unknown>): Promise<ServiceError> =>
  call.then(
    () => Promise.reject(new Error('it was answered')),
    (fault: ServiceError) => fault,
  );

/** A promise that the test keeps. */
export function held<Value>(): { readonly promise: Promise<Value>; readonly release: (value: Value) => void } {
  const { promise, resolve } = Promise.withResolvers<Value>();
  return { promise, release: resolve };
}
