import { GetFeaturesRequest } from '@attune/contracts/messages/features/v1/features';
import { DecideRequest, RecommendRequest } from '@attune/contracts/messages/scoring/v1/scoring';
import { partitionOf } from '@attune/kernel/hash';
import { namespacedStore } from '@attune/state-store/namespaced';
import { RedisStateStore } from '@attune/state-store/redis-state-store';
import { Redis } from 'ioredis';
import { callOnce, plainClient, type Target } from './call-load.ts';
import type { Child } from './child.ts';
import { ECHO_PATH, READ_PATH, valueKey } from './echo-server.ts';
import { type FourServices, PARTITIONS } from './four-services.ts';
import type { ServersAt } from './servers.ts';

const FEATURES_PATH = '/attune.features.v1.FeatureStoreService/GetFeatures';
const DECIDE_PATH = '/attune.scoring.v1.ScoringService/Decide';
const RECOMMEND_PATH = '/attune.scoring.v1.ScoringService/Recommend';
const SUBJECTS = [1, 2, 10];
const CALLERS = 8;
const WIDE_SUBJECTS = 100;
const VALUES = 50;
const NAMES = ['orders', 'orders_90d', 'spend_90d', 'days_since_order', 'usual_gap_days', 'promotion_clicks_90d', 'lost_to_cancel'];

/** A call with the floors that stand beside it. */
export interface Served {
  readonly name: string;
  readonly callers: number;
  readonly ours: Target;
  readonly floors: readonly { readonly name: string; readonly target: Target }[];
}

/** Who is asked, and what the floors need. */
export interface CallsOf {
  readonly servers: ServersAt;
  readonly four: FourServices;
  readonly echo: Child;
  readonly profileIds: readonly string[];
  /** The names of the same customers, in the same order. */
  readonly userIds: readonly string[];
}

/** All calls that are measured. `GetFeatures` has a second floor, which does one GET of as many bytes as its profiles have. */
export async function servedCalls({ servers, four, echo, profileIds, userIds }: CallsOf): Promise<readonly Served[]> {
  const { services, grpc, namespace } = four;
  const [features, scoring, echoing] = [plainClient(grpc['feature-store']), plainClient(grpc.scoring), plainClient(echo.listening[1] ?? '')];
  const profileBytes = await storedBytes(servers, namespace, profileIds[0] ?? '');
  const called = async (name: string, callers: number, ours: Target, valueBytes?: number): Promise<Served> => {
    const answer = await callOnce(ours, ours.requestAt(0));
    const request = Buffer.alloc(ours.requestAt(0).length);
    request.writeUInt32BE(answer.length);
    const floor = (path: string): Target => ({ client: echoing, path, requestAt: () => request, servers: [echo] });
    const floors = [{ name: 'echo of its size', target: floor(ECHO_PATH) }];
    if (valueBytes !== undefined) {
      request.writeUInt32BE(valueBytes, 4);
      await setValue(servers, namespace, valueBytes);
      floors.push({ name: `echo after a GET of ${valueBytes} B`, target: floor(READ_PATH) });
    }
    return { name: `${name} (${request.length} B → ${answer.length} B)`, callers, ours, floors };
  };
  const target = (client: Target['client'], path: string, requests: readonly Buffer[], asked: readonly Child[]): Target => ({
    ...{ client, path, servers: asked },
    requestAt: (i) => requests[i % requests.length] ?? Buffer.alloc(0),
  });
  const idAt = (index: number): string => profileIds[index % profileIds.length] ?? '';
  const featuresOf = (count: number): Target => {
    const requests = profileIds.map((_, i) => featuresRequest(Array.from({ length: count }, (__, j) => idAt(i + j))));
    return target(features, FEATURES_PATH, requests, [services['feature-store']]);
  };
  const wide = (count: number, subjects: readonly Asked[]): Target => {
    const requests = subjects.map((_, i) => wideRequest(Array.from({ length: count }, (__, j) => subjects[(i + j) % subjects.length] ?? subjectOf(''))));
    return target(features, FEATURES_PATH, requests, [services['feature-store']]);
  };
  const both = [services.scoring, services['feature-store']];
  const found: Served[] = [await called('GetFeatures of 1', 1, featuresOf(1), profileBytes)];
  for (const count of SUBJECTS) found.push(await called(`GetFeatures of ${count}`, CALLERS, featuresOf(count), count * profileBytes));
  const byProfile = profileIds.map(subjectOf);
  for (const count of [1, WIDE_SUBJECTS]) found.push(await called(`GetFeatures, ${count} x ${VALUES}`, 1, wide(count, byProfile), count * profileBytes));
  const byUser = userIds.map((value): Asked => ({ id: { $case: 'userId', value } }));
  found.push(await called(`GetFeatures, ${WIDE_SUBJECTS} x ${VALUES} by user id`, 1, wide(WIDE_SUBJECTS, byUser), WIDE_SUBJECTS * profileBytes));
  const recommending = target(scoring, RECOMMEND_PATH, profileIds.map(recommendRequest), both);
  for (const callers of [1, CALLERS]) found.push(await called('Recommend', callers, recommending));
  const deciding = target(
    scoring,
    DECIDE_PATH,
    profileIds.map((id) => decideRequest(id)),
    both,
  );
  for (const callers of [1, 2, 10]) found.push(await called('Decide', callers, deciding));
  let asked = 0;
  const naming: Target = { ...deciding, requestAt: (i) => decideRequest(idAt(i), `request-${asked++}`) };
  for (const callers of [1, 10]) found.push(await called('Decide with a request id', callers, naming));
  return found;
}

/** The bytes of a profile as they lie in Redis. */
async function storedBytes({ redisUrl }: ServersAt, namespace: string, profileId: string): Promise<number> {
  const redis = new RedisStateStore({ url: redisUrl });
  await redis.connected();
  const slot = { processor: 'profiles', partition: partitionOf(profileId, PARTITIONS), partitions: PARTITIONS };
  const { states } = await namespacedStore(redis, namespace).read(slot, [`default:profile:${profileId}`]);
  await redis.close();
  if (states[0] === undefined) throw new Error(`there is no profile ${profileId}`);
  return states[0].length;
}

/** Under a name that is taken away with the rest of the namespace. */
async function setValue({ redisUrl }: ServersAt, namespace: string, bytes: number): Promise<void> {
  const redis = new Redis(redisUrl);
  await redis.set(valueKey(namespace, bytes), Buffer.alloc(bytes, 'v'));
  redis.disconnect();
}

const bytesOf = (writer: { finish(): Uint8Array }): Buffer => Buffer.from(writer.finish());
type Asked = { readonly id: { readonly $case: 'profileId' | 'userId'; readonly value: string } };
const subjectOf = (value: string): Asked => ({ id: { $case: 'profileId', value } });

const featuresRequest = (profileIds: readonly string[]): Buffer =>
  bytesOf(GetFeaturesRequest.encode(GetFeaturesRequest.fromPartial({ subjects: profileIds.map(subjectOf), purpose: 'personalise' })));

/** Some are asked for again until they are so many: the example shop has fewer features. */
const wideRequest = (subjects: readonly Asked[]): Buffer => {
  const features = Array.from({ length: VALUES }, (_, i) => NAMES[i % NAMES.length] ?? '');
  return bytesOf(GetFeaturesRequest.encode(GetFeaturesRequest.fromPartial({ subjects: [...subjects], features, purpose: 'personalise' })));
};

const decideRequest = (profileId: string, requestId = ''): Buffer =>
  bytesOf(DecideRequest.encode(DecideRequest.fromPartial({ subject: subjectOf(profileId), campaign: 'welcome_back', requestId })));

const recommendRequest = (profileId: string): Buffer => bytesOf(RecommendRequest.encode(RecommendRequest.fromPartial({ subject: subjectOf(profileId) })));
