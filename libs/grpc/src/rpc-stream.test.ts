import { connect } from 'node:http2';
import { FeatureStoreServiceService } from '@attune/contracts/grpc/features/v1/features';
import { WatchProfileRequest, WatchProfileResponse } from '@attune/contracts/messages/features/v1/features';
import { AttuneError } from '@attune/kernel/errors';
import { Client, type ClientReadableStream, credentials, status } from '@grpc/grpc-js';
import { fastify } from 'fastify';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { faultOf, type GrpcWorld, grpcWorld } from './grpc-world.fixture.ts';
import { speakPlainly } from './http-errors.ts';
import { jsonStreams } from './json-streams.ts';
import { type StreamRow, streamTable } from './rpc-stream.ts';

type Flow = StreamRow<WatchProfileRequest, WatchProfileResponse>['flow'];
const ANSWERS = 400;
const { path, responseDeserialize } = FeatureStoreServiceService.watchProfile;
const request = Buffer.from(WatchProfileRequest.encode(WatchProfileRequest.fromPartial({ purpose: 'service' })).finish());

let world: GrpcWorld;
let client: Client;
beforeEach(async () => {
  world = await grpcWorld();
  client = new Client(world.address, credentials.createInsecure(), { 'grpc.enable_http_proxy': 0 });
});
afterEach(async () => {
  client.close();
  await world.end();
});

const watch = (bytes = request): ClientReadableStream<WatchProfileResponse> =>
  client.makeServerStreamRequest(path, (given: Buffer) => given, responseDeserialize as (bytes: Buffer) => WatchProfileResponse, bytes);
const answer = (atMs: number, filling = ''): WatchProfileResponse =>
  WatchProfileResponse.fromPartial({ atMs: BigInt(atMs), what: { $case: 'segment', value: { segment: filling } } });

async function toldBy(stream: AsyncIterable<WatchProfileResponse>): Promise<readonly number[]> {
  const told: number[] = [];
  for await (const { atMs } of stream) told.push(Number(atMs));
  return told;
}

/** Yields one answer, and then none until nobody hears it. */
const lasting = (ends: () => void): Flow =>
  async function* (_tenant, _request, signal) {
    try {
      yield answer(1);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    } finally {
      ends();
    }
  };

test('answers come in order, and the stream ends where the flow ends', async () => {
  world.watchProfile = async function* (tenant, { purpose }) {
    expect({ tenant, purpose }).toEqual({ tenant: 'default', purpose: 'service' });
    yield* [1, 2, 3].map((atMs) => answer(atMs));
  };
  expect(await toldBy(watch())).toEqual([1, 2, 3]);
});

test('a fault ends the stream with its status, behind what was told before', async () => {
  world.watchProfile = async function* () {
    yield answer(1);
    throw new AttuneError('STORE_UNAVAILABLE');
  };
  const told: number[] = [];
  const read = async (): Promise<void> => {
    for await (const { atMs } of watch()) told.push(Number(atMs));
  };
  expect((await faultOf(read())).code).toBe(status.UNAVAILABLE);
  expect(told).toEqual([1]);
  expect((await faultOf(toldBy(watch(Buffer.of(255))))).code).toBe(status.INVALID_ARGUMENT);
});

test('a caller that does not read stops the flow, so that its answers fill no memory here', async () => {
  let made = 0;
  world.watchProfile = async function* (_tenant, _request, signal) {
    while (!signal.aborted && made < ANSWERS) yield answer(made++, 'x'.repeat(10_000));
  };
  // The library's own client reads ahead whatever its user does.
  const session = connect(`http://${world.address}`);
  const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' });
  const head = Buffer.alloc(5);
  head.writeUInt32BE(request.length, 1);
  stream.end(Buffer.concat([head, request]));
  stream.pause();
  let before = -1;
  const stands = (): void => {
    const last = before;
    before = made;
    expect({ begun: made > 2, stands: made === last }).toEqual({ begun: true, stands: true });
  };
  await vi.waitFor(stands, { interval: 200, timeout: 4_000 });
  expect(made).toBeLessThan(ANSWERS / 4);
  stream.resume();
  await vi.waitFor(() => expect(made).toBe(ANSWERS), { timeout: 4_000 });
  session.close();
});

test('a caller that goes away ends its flow', async () => {
  const ends = vi.fn();
  world.watchProfile = lasting(ends);
  const stream = watch();
  stream.on('error', () => {});
  stream.once('data', () => stream.cancel());
  await vi.waitFor(() => expect(ends).toHaveBeenCalledOnce());
});

test('a server that stops ends its streams, each with OK, and does not wait out its grace', async () => {
  const ends = vi.fn();
  world.watchProfile = lasting(ends);
  const streams = [watch(), watch()];
  const all = streams.map(toldBy);
  await Promise.all(streams.map((stream) => new Promise((resolve) => stream.once('readable', resolve))));
  const startedMs = performance.now();
  await world.server.stop(30_000);
  expect(await Promise.all(all)).toEqual([[1], [1]]);
  expect(performance.now() - startedMs).toBeLessThan(10_000);
  expect(ends).toHaveBeenCalledTimes(2);
});

test('over HTTP each answer is a server-sent event, a fault before the first a status and a later one an event', async () => {
  const app = fastify();
  speakPlainly(app);
  let flow: Flow = async function* () {
    yield* [1, 2].map((atMs) => answer(atMs));
    throw new AttuneError('OVERLOADED', 'Read faster.');
  };
  const row = { request: WatchProfileRequest, response: WatchProfileResponse, flow: ((...given) => flow(...given)) satisfies Flow };
  jsonStreams(app, streamTable(FeatureStoreServiceService, { watchProfile: row }), () => 'default');
  const told = await app.inject({ method: 'POST', url: path, payload: '{}' });
  expect(told.headers['content-type']).toBe('text/event-stream');
  expect(told.body.trim().split('\n\n')).toEqual([
    'data: {"segment":{},"atMs":"1"}',
    'data: {"segment":{},"atMs":"2"}',
    expect.stringMatching(/^event: fault\ndata: .*"reason":"OVERLOADED".*Read faster/),
  ]);
  flow = () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject<IteratorResult<WatchProfileResponse>>(new AttuneError('SUBJECT_UNKNOWN')) }) });
  expect((await app.inject({ method: 'POST', url: path, payload: '{}' })).json()).toMatchObject({ reason: 'SUBJECT_UNKNOWN' });
  expect((await app.inject({ method: 'POST', url: path, payload: '{"purpos":""}' })).statusCode).toBe(400);
  const [begins, ends] = [vi.fn(), vi.fn()];
  flow = (...given) => {
    begins();
    return lasting(ends)(...given);
  };
  const open = app.inject({ method: 'POST', url: path, payload: '{}' });
  await vi.waitFor(() => expect(begins).toHaveBeenCalledOnce());
  await app.close();
  expect((await open).body).toBe('data: {"segment":{},"atMs":"1"}\n\n');
  expect(ends).toHaveBeenCalledOnce();
});
