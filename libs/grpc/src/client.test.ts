import { FeatureStoreServiceService } from '@attune/contracts/grpc/features/v1/features';
import { ErrorInfo } from '@attune/contracts/rpc/error_details';
import { Status } from '@attune/contracts/rpc/status';
import { Metadata, Server, ServerCredentials, type ServerErrorResponse, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RpcClient, rpcClient } from './client.ts';
import { aboutAda, faultOf, GET_PROFILE, profile } from './grpc-world.fixture.ts';

/** A server of somebody else, which answers what the test says. */
let server: Server;
let port: number;
let client: RpcClient<typeof FeatureStoreServiceService>;
let answer: Partial<ServerErrorResponse> | undefined;
let heard: Metadata[];

const bind = (wanted: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server = new Server();
    const { responseSerialize, requestDeserialize } = FeatureStoreServiceService.getProfile;
    server.register(
      GET_PROFILE,
      (call: { readonly metadata: Metadata }, told: (fault: object | null, value?: object) => void) => {
        heard.push(call.metadata);
        if (answer === undefined) told(null, profile('p'));
        else if (answer.code !== status.OK) told(answer);
      },
      responseSerialize as (value: unknown) => Buffer,
      requestDeserialize,
      'unary',
    );
    server.bindAsync(`127.0.0.1:${wanted}`, ServerCredentials.createInsecure(), (fault, bound) => (fault === null ? resolve(bound) : reject(fault)));
  });

beforeEach(async () => {
  heard = [];
  answer = undefined;
  port = await bind(0);
  client = rpcClient(`127.0.0.1:${port}`, FeatureStoreServiceService, { deadlineMs: 300 });
});
afterEach(() => {
  client.close();
  server.forceShutdown();
});

const call = () => client.calls.getProfile(aboutAda);

/** A fault with these details beside its status. */
function faulty(code: status, reason: string, domain = 'attune'): Partial<ServerErrorResponse> {
  const value = ErrorInfo.encode({ reason, domain, metadata: {} }).finish();
  const metadata = new Metadata();
  const details = [{ typeUrl: 'type.googleapis.com/google.rpc.ErrorInfo', value }];
  metadata.set('grpc-status-details-bin', Buffer.from(Status.encode({ code, message: 'x', details }).finish()));
  return { code, details: 'x', metadata };
}

test('what goes with a call arrives, and a deadline always', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await client.calls.getProfile(aboutAda, { metadata: { traceparent } });
  expect(heard[0]?.get('traceparent')).toEqual([traceparent]);
  await call();
  expect(heard[1]?.get('traceparent')).toEqual([]);
});

test('a service that does not answer in time is a deadline exceeded', async () => {
  answer = { code: status.OK };
  expect(await faultOf(call())).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
});

test('a service that is away may answer later, and does once it is back', async () => {
  expect(await call()).toMatchObject({ profileId: 'p' });
  server.forceShutdown();
  await expect.poll(() => faultOf(call())).toMatchObject({ code: 'SERVICE_UNAVAILABLE', detail: 'The service that was called does not answer.' });
  await bind(port);
  await expect.poll(() => call().catch(() => undefined), { timeout: 5_000 }).toMatchObject({ profileId: 'p' });
});

test.each([
  ['a code of the table', faulty(status.NOT_FOUND, 'ERASED'), 'ERASED'],
  ['a code that is not in the table', faulty(status.UNAVAILABLE, 'SOMETHING_NEW'), 'SERVICE_UNAVAILABLE'],
  ['a code named toString', faulty(status.INTERNAL, 'toString'), 'INTERNAL'],
  ['a code of somebody else', faulty(status.NOT_FOUND, 'ERASED', 'elsewhere'), 'INTERNAL'],
  ['no code', { code: status.PERMISSION_DENIED }, 'INTERNAL'],
  ['no code but a busy service', { code: status.RESOURCE_EXHAUSTED }, 'OVERLOADED'],
  ['no code but a request that was refused', { code: status.INVALID_ARGUMENT }, 'REQUEST_INVALID'],
  ['no code but a method that is not there', { code: status.UNIMPLEMENTED }, 'METHOD_UNKNOWN'],
])('%s is told as the nearest code', async (_, given, code) => {
  answer = given;
  expect(await faultOf(call())).toMatchObject({ name: 'AttuneError', code });
});

test('details that cannot be read leave the status', async () => {
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from([0x1a, 0xff]));
  answer = { code: status.UNAVAILABLE, metadata };
  expect(await faultOf(call())).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
});

test('a call takes no stack of its own, and others have theirs as before, also after a request that cannot be written', async () => {
  const { stackTraceLimit } = Error;
  await call();
  answer = { code: status.UNAVAILABLE };
  const fault = await call().catch((it: unknown) => it);
  expect(fault).toBeInstanceOf(Error);
  await Promise.resolve()
    .then(() => client.calls.getProfile({ subject: { id: { $case: 'userId', value: 7 as never } }, purpose: 'personalise' }))
    .catch(() => undefined);
  expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  expect((fault as Error).stack).toContain('client');
});
