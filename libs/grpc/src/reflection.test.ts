import { Client, credentials, status } from '@grpc/grpc-js';
import { afterEach, expect, test } from 'vitest';
import { type GrpcWorld, grpcWorld, SERVICE } from './grpc-world.fixture.ts';

let world: GrpcWorld;
afterEach(() => world.end());

/** Asks one question, as bytes of a ServerReflectionRequest, and answers the bytes of the response. */
function ask(field: number, text: string, version = 'v1'): Promise<Buffer> {
  const client = new Client(world.address, credentials.createInsecure(), { 'grpc.enable_http_proxy': 0 });
  const asItIs = (bytes: Buffer): Buffer => bytes;
  const stream = client.makeBidiStreamRequest(`/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`, asItIs, asItIs);
  const answered = new Promise<Buffer>((answer, refuse) => {
    stream.on('data', answer);
    stream.on('error', refuse);
  });
  stream.end(Buffer.concat([Buffer.from([field * 8 + 2, text.length]), Buffer.from(text)]));
  return answered.finally(() => client.close());
}
const LIST_SERVICES = 7;
const FILE_CONTAINING_SYMBOL = 4;

test.each(['v1', 'v1alpha'])('tools find the services that are served, health among them, and no other: %s', async (version) => {
  world = await grpcWorld({ reflection: true });
  const listed = (await ask(LIST_SERVICES, '*', version)).toString('latin1');
  expect(listed.match(/(attune|grpc)\.[\w.]+/g)).toEqual([SERVICE, 'grpc.health.v1.Health']);
});

test('tools find the messages of a service', async () => {
  world = await grpcWorld({ reflection: true });
  const described = (await ask(FILE_CONTAINING_SYMBOL, SERVICE)).toString('latin1');
  expect(described).toContain('GetProfileRequest');
  expect(described).toContain('attune/common/v1/common.proto');
});

test('there is no reflection unless it is wanted', async () => {
  world = await grpcWorld();
  await expect(ask(LIST_SERVICES, '*')).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
});
