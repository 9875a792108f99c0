import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { service as health } from 'grpc-health-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aboutAda, type GrpcWorld, grpcWorld, held, profile, SERVICE } from './grpc-world.fixture.ts';

let world: GrpcWorld;
let asking: Client;
let ready: boolean;
let asked: number;
beforeEach(async () => {
  ready = true;
  asked = 0;
  const isReady = (): boolean => {
    asked++;
    return ready;
  };
  world = await grpcWorld({ ready: isReady });
  asking = new Client(world.address, credentials.createInsecure(), { 'grpc.enable_http_proxy': 0 });
});
afterEach(async () => {
  asking.close();
  await world.end();
});

function methodOf(name: string) {
  const method = health[name];
  if (method === undefined) throw new Error(`health has no ${name}`);
  return method;
}

const ask = (name: 'Check' | 'List', request: object): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const { path, requestSerialize, responseDeserialize } = methodOf(name);
    asking.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (fault: ServiceError | null, answer?: unknown) =>
      fault === null ? resolve(answer) : reject(fault),
    );
  });

/** Watches a service; what was told so far stands in `told`. */
function watch(service: string) {
  const told: string[] = [];
  const ended = held<number>();
  const { path, requestSerialize, responseDeserialize } = methodOf('Watch');
  const stream = asking.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { service });
  stream.on('data', (answer: { readonly status: string }) => void told.push(answer.status));
  stream.on('error', () => undefined);
  stream.on('status', ({ code }) => ended.release(code));
  return { told, ended: ended.promise };
}

test('each service and the whole serve while the process does its work', async () => {
  for (const service of ['', SERVICE]) expect(await ask('Check', { service })).toEqual({ status: 'SERVING' });
  ready = false;
  for (const service of ['', SERVICE]) expect(await ask('Check', { service })).toEqual({ status: 'NOT_SERVING' });
  expect(await ask('List', {})).toEqual({ statuses: { '': { status: 'NOT_SERVING' }, [SERVICE]: { status: 'NOT_SERVING' } } });
});

test.each(['nothing.Nothing', 'toString'])('the service %s is not known', async (service) => {
  await expect(ask('Check', { service })).rejects.toMatchObject({ code: status.NOT_FOUND });
  const { told } = watch(service);
  await expect.poll(() => told).toEqual(['SERVICE_UNKNOWN']);
});

test('who watches hears each change once, and is let go at a stop that waits for a call', async () => {
  const { told, ended } = watch(SERVICE);
  await expect.poll(() => asked, { timeout: 5_000 }).toBeGreaterThan(2);
  expect(told).toEqual(['SERVING']);
  ready = false;
  await expect.poll(() => told, { timeout: 5_000 }).toEqual(['SERVING', 'NOT_SERVING']);
  ready = true;
  await expect.poll(() => told, { timeout: 5_000 }).toEqual(['SERVING', 'NOT_SERVING', 'SERVING']);
  const late = held<ReturnType<typeof profile>>();
  const begun = held<void>();
  world.getProfile = () => {
    begun.release();
    return late.promise;
  };
  const call = world.client.calls.getProfile(aboutAda);
  await begun.promise;
  const stop = world.server.stop(10_000);
  expect(await ended).toBe(status.OK);
  expect(told.at(-1)).toBe('NOT_SERVING');
  late.release(profile('late'));
  await Promise.all([call, stop]);
});

test('only so many may watch', async () => {
  const watching = Array.from({ length: 100 }, () => watch(''));
  await expect.poll(() => watching.every(({ told }) => told.length === 1)).toBe(true);
  expect(await watch('').ended).toBe(status.RESOURCE_EXHAUSTED);
  expect(await ask('Check', { service: '' })).toEqual({ status: 'SERVING' });
});
