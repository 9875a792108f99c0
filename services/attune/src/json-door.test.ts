import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callPaths } from '@attune/grpc/contracts';
import { faultOfStatus } from '@attune/grpc/error-status';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSettings } from './config.ts';
import { type Attune, embedded } from './container.ts';
import { EXAMPLE, readConfiguration } from './read-configuration.ts';

const HOST = '127.0.0.1';
const CANARY = 'canary-4711';
const authorization = `Basic ${btoa('demo:')}`;
const folder = mkdtempSync(join(tmpdir(), 'attune-'));
let attune: Attune;
let address: string;
let grpc: Client;

beforeAll(async () => {
  attune = await embedded({
    ...readConfiguration(EXAMPLE),
    settings: readSettings({ ATTUNE_DATA_DIR: folder, ATTUNE_LOG_LEVEL: 'silent' }),
    clock: { nowMs: () => Date.UTC(2026, 5, 3, 12) },
    pageFolder: folder,
    demo: () => ({ madeUp: [] }),
  });
  address = await attune.app.listen({ host: HOST, port: 0 });
  grpc = new Client(`${HOST}:${await attune.grpc.listen(HOST, 0)}`, credentials.createInsecure(), { 'grpc.enable_http_proxy': 0 });
}, 30_000);
afterAll(async () => {
  grpc.close();
  await attune.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Told {
  readonly status: number;
  readonly reason?: string;
  readonly message?: string;
}

async function ask(method: string, path: string, body?: string): Promise<Told> {
  const answer = await fetch(`${address}${path}`, { method, headers: { authorization }, ...(body === undefined ? {} : { body }) });
  return { status: answer.status, ...((await answer.json()) as object) };
}

/** What bytes are answered over gRPC: OK, or a code of the table and its detail. */
function overGrpc(path: string, bytes: Buffer): Promise<string> {
  const metadata = new Metadata();
  metadata.set('authorization', authorization);
  const asItIs = (one: Buffer): Buffer => one;
  return new Promise((resolve) => {
    grpc.makeUnaryRequest(path, asItIs, asItIs, bytes, metadata, { deadline: Date.now() + 10_000 }, (fault: ServiceError | null) =>
      resolve(fault === null ? 'OK' : faultOfStatus(fault).message),
    );
  });
}

const paths = callPaths();
const services = [...new Set(paths.map((path) => path.split('/')[1] ?? ''))];

test('there are calls to be asked', () => {
  expect(services.length).toBeGreaterThanOrEqual(7);
});

test.each(paths.map((path) => [path]))('%s answers JSON as gRPC does, and says which field where one lacks', async (path) => {
  const { status, reason, message } = await ask('POST', path, '{}');
  // Calls about an inbox carry their token in the request, so that an empty one lacks it.
  expect([200, 400, 401, 404]).toContain(status);
  expect(reason).not.toBe('METHOD_UNKNOWN');
  if (reason === 'REQUEST_INVALID') expect(message).toMatch(/ Field: [a-z_]+\. [A-Z0-9]/);
  expect(await overGrpc(path, Buffer.alloc(0))).toBe(status === 200 ? 'OK' : `${reason}: ${message}`);
});

test.each(paths.map((path) => [path]))('%s tells a name that it does not have without repeating it', async (path) => {
  const { status, reason, message } = await ask('POST', path, JSON.stringify({ [CANARY]: CANARY }));
  expect({ status, reason }).toEqual({ status: 400, reason: 'REQUEST_INVALID' });
  expect(message).toMatch(/The body has an unknown name, number 1 of 1\. (Known are \w+|It takes none)/);
  expect(message).not.toContain('canary');
});

test.each(paths.map((path) => [path]))('%s says how it is asked, and what its service has beside it', async (path) => {
  expect(await ask('GET', path)).toMatchObject({ status: 404, reason: 'METHOD_UNKNOWN', message: expect.stringContaining('It is asked by POST.') });
  const [, service = '', method = ''] = path.split('/');
  const { message } = await ask('POST', `/${service}/${CANARY.replace('-', '')}`, '{}');
  expect(message).toContain(`${service} has `);
  expect(message).toContain(method);
  expect(message).not.toContain('canary');
});

test('a name that is nearly one is told the one that it is near', async () => {
  const told = async (path: string) => (await ask('POST', path, '{}')).message;
  expect(await told('/attune.features.v1.FeatureStoreService/getProfil')).toContain('Did you mean GetProfile?');
  expect(await told('/attune.features.v1.FeatureStore/GetProfile')).toContain('Did you mean attune.features.v1.FeatureStoreService?');
  expect(await told('/shop.v1.Nothing/GetProfile')).toContain(`Known here: `);
  expect(await told('/v1/trak')).toContain('Did you mean /v1/track?');
  expect(await told(`/${CANARY}?${CANARY}`)).toBe('There is no such path or method.');
  expect(await ask('GET', '/v1/track')).toMatchObject({ status: 404, message: expect.stringContaining('It is asked by POST.') });
});

test('bytes that break off are told by the field in which they do', async () => {
  const path = '/attune.features.v1.FeatureStoreService/GetProfile';
  expect(await overGrpc(path, Buffer.from([0x0a, 2, 0x0a, 9]))).toMatch(/^REQUEST_INVALID: .* Field: subject\.user_id\. /);
  expect(await overGrpc(path, Buffer.from([0xff]))).toMatch(/^REQUEST_INVALID: .* The message is not the request of this call\.$/);
});
