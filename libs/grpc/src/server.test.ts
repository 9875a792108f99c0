import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { GetFeaturesRequest, GetProfileRequest, GetProfileResponse } from '@attune/contracts/messages/features/v1/features';
import { ErrorInfo } from '@attune/contracts/rpc/error_details';
import { Status } from '@attune/contracts/rpc/status';
import { AttuneError, type ErrorCode, errorTable } from '@attune/kernel/errors';
import { seededRandom } from '@attune/kernel/random';
import { Client, compressionAlgorithms, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aboutAda, faultOf, GET_PROFILE, type GrpcWorld, grpcWorld, held, profile } from './grpc-world.fixture.ts';

const CANARY = 'canary-4711';
const ada = Buffer.from(GetProfileRequest.encode(aboutAda).finish());
let world: GrpcWorld;
beforeEach(async () => {
  world = await grpcWorld();
});
afterEach(() => world.end());

/** Status, words and ErrorInfo of a failed call. */
function toldBy({ code, details, metadata }: ServiceError) {
  const [bytes] = metadata.get('grpc-status-details-bin');
  const { details: [any] = [], ...written } = Status.decode(bytes as Buffer);
  const { reason, domain, metadata: more } = ErrorInfo.decode(any?.value ?? new Uint8Array());
  return { code, details, written, type: any?.typeUrl, reason, domain, ...more };
}

const again = async (): Promise<string> => (await world.client.calls.getProfile(aboutAda)).profileId;

test('a call is answered, and the flow is given the tenant and the request', async () => {
  world.getProfile = async (tenant, request) => {
    expect(request).toEqual(aboutAda);
    return GetProfileResponse.fromPartial({ profileId: tenant, events: 2n ** 60n });
  };
  expect(await world.client.calls.getProfile(aboutAda)).toMatchObject({ profileId: 'default', events: 2n ** 60n });
  expect(await world.client.calls.getFeatures(GetFeaturesRequest.fromPartial({}))).toEqual({ rows: [], views: [] });
});

test('each code of the table is told by its status, its words and an ErrorInfo, and comes back as what it was', async () => {
  for (const code of Object.keys(errorTable) as ErrorCode[]) {
    world.getProfile = () => Promise.reject(new AttuneError(code, 'Über: x.'));
    const { grpc, what, fix } = errorTable[code];
    const message = `${what} Über: x.`;
    expect(toldBy(await faultOf(world.send(GET_PROFILE, ada)))).toEqual({
      code: grpc,
      details: message,
      written: { code: grpc, message },
      type: 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: code,
      domain: 'attune',
      fix,
    });
    expect(await faultOf(world.client.calls.getProfile(aboutAda))).toMatchObject({ code, detail: 'Über: x.' });
  }
});

test('what breaks inside says nothing of itself; the log has its place and not its words', async () => {
  for (const broken of [new Error(CANARY), CANARY, new AttuneError('INTERNAL', '', new Error(CANARY))]) {
    world.getProfile = () => Promise.reject(broken);
    const told = toldBy(await faultOf(world.send(GET_PROFILE, ada)));
    expect(told).toMatchObject({ code: errorTable.INTERNAL.grpc, details: 'Something broke inside Attune.', reason: 'INTERNAL' });
  }
  expect(world.logged).toHaveLength(3);
  expect(world.logged[0]).toMatchObject({ code: 'INTERNAL', at: expect.arrayContaining([expect.stringContaining('server.test.ts')]) });
  expect(JSON.stringify(world.logged)).not.toContain(CANARY);
});

test('what a caller does wrong is not logged, and a part that is away is, by its code alone', async () => {
  world.getProfile = () => Promise.reject(new AttuneError('REQUEST_INVALID', 'Field: x.'));
  await faultOf(world.client.calls.getProfile(aboutAda));
  expect(world.logged).toEqual([]);
  world.getProfile = () => Promise.reject(new AttuneError('STORE_UNAVAILABLE', CANARY));
  await faultOf(world.client.calls.getProfile(aboutAda));
  expect(world.logged).toEqual([{ code: 'STORE_UNAVAILABLE' }]);
});

test('words that no trailer can hold are told as well as they can be', async () => {
  world.getProfile = () => Promise.reject(new AttuneError('REQUEST_INVALID', 'half \ud83d\r\ngrpc-status: 0'));
  expect(await faultOf(world.client.calls.getProfile(aboutAda))).toMatchObject({ code: 'REQUEST_INVALID', detail: 'half \ufffd\r\ngrpc-status: 0' });
});

test('whose call it is comes from its metadata, and a caller who is nobody is refused', async () => {
  await world.end();
  world = await grpcWorld({
    tenantOf: (metadata) => {
      const [tenant] = metadata.get('tenant');
      if (typeof tenant !== 'string') throw new AttuneError('WRITE_KEY_UNKNOWN');
      return tenant;
    },
  });
  expect((await world.client.calls.getProfile(aboutAda, { metadata: { tenant: 'a shop' } })).profileId).toBe('a shop');
  expect(await faultOf(world.send(GET_PROFILE, ada))).toMatchObject({ code: status.UNAUTHENTICATED });
});

test('a call whose deadline has passed is answered, and what its flow says later harms nothing', async () => {
  const late = held<GetProfileResponse>();
  world.getProfile = () => late.promise;
  // By hand: a client of the library gives up by itself at the same moment.
  const session = connectHttp2(`http://${world.address}`);
  const stream = session.request({ ':method': 'POST', ':path': GET_PROFILE, 'content-type': 'application/grpc', te: 'trailers', 'grpc-timeout': '40m' });
  stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, ada.length]), ada]));
  const [headers] = (await once(stream, 'response')) as [Record<string, string>];
  expect(headers).toMatchObject({ 'grpc-status': String(status.DEADLINE_EXCEEDED) });
  session.destroy();
  late.release(profile('late'));
  world.getProfile = async () => profile('next');
  expect(await again()).toBe('next');
});

test('a message beyond one mebibyte is refused, also one that only inflates to it', async () => {
  const request = (bytes: number) => GetProfileRequest.fromPartial({ purpose: 'x'.repeat(bytes) });
  expect(await world.client.calls.getProfile(request(1_000_000))).toMatchObject({ profileId: 'default' });
  expect(await faultOf(world.client.calls.getProfile(request(1_100_000)))).toMatchObject({ code: 'REQUEST_INVALID' });
  const zipping = new Client(world.address, credentials.createInsecure(), {
    'grpc.default_compression_algorithm': compressionAlgorithms.gzip,
    'grpc.enable_http_proxy': 0,
  });
  const fault = await new Promise((resolve) => {
    const bomb = Buffer.alloc(50_000_000);
    const asItIs = (bytes: Buffer): Buffer => bytes;
    zipping.makeUnaryRequest(GET_PROFILE, asItIs, asItIs, bomb, new Metadata(), { deadline: Date.now() + 10_000 }, resolve);
  });
  zipping.close();
  expect(fault).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  expect(await again()).toBe('default');
});

test.each(['/attune.features.v1.FeatureStoreService/Nothing', '/nothing.Nothing/Nothing', '/', '/%', `/${CANARY}/\u00e4`])(
  'the path %s is unimplemented',
  async (path) => {
    expect(await faultOf(world.send(encodeURI(path), ada))).toMatchObject({ code: status.UNIMPLEMENTED });
    expect(await again()).toBe('default');
  },
);

test('bytes that are no message are refused or read as far as they go, and harm nothing', async () => {
  const random = seededRandom('bytes that are no message');
  const allowed = [status.OK, status.INVALID_ARGUMENT, status.INTERNAL];
  const seen = new Set<number>();
  for (let i = 0; i < 300; i++) {
    const bytes = Buffer.from(Array.from({ length: 1 + Math.floor(random() * 40) }, () => Math.floor(random() * 256)));
    seen.add(
      await world.send(GET_PROFILE, i % 2 === 0 ? bytes : Buffer.concat([ada, bytes])).then(
        () => status.OK,
        ({ code }: ServiceError) => code,
      ),
    );
  }
  expect(seen).toContain(status.INVALID_ARGUMENT);
  expect([...seen].filter((code) => !allowed.includes(code))).toEqual([]);
  expect(world.logged).toEqual([]);
  expect(await again()).toBe('default');
});

test('a message that nests without end is refused', async () => {
  let nested = Buffer.alloc(0);
  for (let depth = 0; depth < 2_000; depth++) nested = Buffer.concat([Buffer.from([0x0b]), nested, Buffer.from([0x0c])]);
  expect(toldBy(await faultOf(world.send(GET_PROFILE, nested)))).toMatchObject({ code: status.INVALID_ARGUMENT, reason: 'REQUEST_INVALID' });
});

test('what is no HTTP/2 is hung up on', async () => {
  const [, port] = world.address.split(':');
  for (const noise of ['GET / HTTP/1.1\r\nhost: x\r\n\r\n', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${CANARY.repeat(20)}`]) {
    const socket = connect(Number(port), '127.0.0.1').resume();
    socket.on('error', () => undefined);
    socket.end(noise);
    await once(socket, 'close');
  }
  expect(await again()).toBe('default');
});

test('a call beyond the bound of calls under way is told to come again, and one after it is answered', async () => {
  await world.end();
  world = await grpcWorld({ callsMax: 2 });
  const late = held<GetProfileResponse>();
  const begun = held<void>();
  let running = 0;
  world.getProfile = () => {
    if (++running === 2) begun.release();
    return late.promise;
  };
  const two = [world.client.calls.getProfile(aboutAda), world.client.calls.getProfile(aboutAda)];
  await begun.promise;
  expect(toldBy(await faultOf(world.send(GET_PROFILE, ada)))).toMatchObject({ code: status.RESOURCE_EXHAUSTED, reason: 'OVERLOADED' });
  late.release(profile('late'));
  expect((await Promise.all(two)).map(({ profileId }) => profileId)).toEqual(['late', 'late']);
  expect(await again()).toBe('late');
});

test('a stop lets the call under way finish and takes no other', async () => {
  const late = held<GetProfileResponse>();
  const begun = held<void>();
  world.getProfile = () => {
    begun.release();
    return late.promise;
  };
  const call = world.client.calls.getProfile(aboutAda);
  await begun.promise;
  let stopped = false;
  const stop = world.server.stop(10_000).then(() => {
    stopped = true;
  });
  expect(await faultOf(world.send(GET_PROFILE, ada))).toMatchObject({ code: status.UNAVAILABLE });
  expect(stopped).toBe(false);
  late.release(profile('finished'));
  expect(await call).toMatchObject({ profileId: 'finished' });
  await stop;
});

test('a stop waits no longer than it is told', async () => {
  const begun = held<void>();
  world.getProfile = () => {
    begun.release();
    return new Promise(() => undefined);
  };
  const call = faultOf(world.client.calls.getProfile(aboutAda));
  await begun.promise;
  await world.server.stop(20);
  expect(await call).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
});

test('a stop is not held up by who is connected and silent', async () => {
  await again();
  const [, port] = world.address.split(':');
  const silent = connect(Number(port), '127.0.0.1');
  silent.on('error', () => undefined);
  await once(silent, 'connect');
  const closed = once(silent.resume(), 'close');
  await world.server.stop(60_000);
  await closed;
});

test('a port that is taken is told by the code of the system', async () => {
  const other = await grpcWorld();
  const [, port] = world.address.split(':');
  await expect(other.server.listen('127.0.0.1', Number(port))).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await other.end();
});
