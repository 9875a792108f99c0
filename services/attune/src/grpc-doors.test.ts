import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FeatureStoreServiceService } from '@attune/contracts/grpc/features/v1/features';
import { IdentityServiceService } from '@attune/contracts/grpc/identity/v1/identity';
import { IngestionServiceService } from '@attune/contracts/grpc/ingestion/v1/ingestion';
import { NotificationServiceService, OutboxServiceService } from '@attune/contracts/grpc/notification/v1/notification';
import { PrivacyServiceService } from '@attune/contracts/grpc/privacy/v1/privacy';
import { ScoringServiceService } from '@attune/contracts/grpc/scoring/v1/scoring';
import type { Subject } from '@attune/contracts/messages/common/v1/common';
import { GetProfileRequest, GetProfileResponse } from '@attune/contracts/messages/features/v1/features';
import { Event } from '@attune/contracts/messages/ingestion/v1/ingestion';
import { DecideRequest, DecideResponse } from '@attune/contracts/messages/scoring/v1/scoring';
import { type RpcClient, rpcClient } from '@attune/grpc/client';
import type { RpcService } from '@attune/grpc/rpc';
import { systemStopwatch } from '@attune/runtime/world';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { cleanUp, newFolder, refused, settings, started, withProcesses } from './attune-process.fixture.ts';
import { readSettings } from './config.ts';
import { type Attune, embedded } from './container.ts';
import { EXAMPLE, readConfiguration } from './read-configuration.ts';

vi.setConfig(withProcesses);

const HOST = '127.0.0.1';
const folder = mkdtempSync(join(tmpdir(), 'attune-'));
const clients: { close(): void }[] = [];
let attune: Attune;
let address: string;

beforeAll(async () => {
  attune = await embedded({
    ...readConfiguration(EXAMPLE),
    settings: readSettings({ ATTUNE_DATA_DIR: folder, ATTUNE_LOG_LEVEL: 'silent' }),
    clock: { nowMs: () => Date.UTC(2026, 5, 3, 12) },
    pageFolder: folder,
    demo: () => ({ madeUp: [] }),
  });
  address = `${HOST}:${await attune.grpc.listen(HOST, 0)}`;
  await json('/v1/identify', { userId: 'ada', traits: { email: 'ada@example.com', name: 'Ada', language: 'en', time_zone: 'Europe/London' } });
  await json('/attune.privacy.v1.PrivacyService/RecordConsent', { subject: { userId: 'ada' }, purposes: { personalise: true, marketing: true } });
  await json('/v1/track', { userId: 'ada', event: 'Order Completed', properties: { order_id: 'A1', total: 24.5, products: [] } });
  await attune.pipeline.settle(systemStopwatch);
});
afterAll(async () => {
  for (const client of clients) client.close();
  await attune.stop();
  rmSync(folder, { recursive: true, force: true });
  cleanUp();
});

async function json(url: string, payload: unknown): Promise<unknown> {
  const answer = await attune.app.inject({ method: 'POST', url, payload: JSON.stringify(payload), headers: { authorization: `Basic ${btoa('demo:')}` } });
  return answer.json();
}

function callsOf<Service extends RpcService>(service: Service): RpcClient<Service>['calls'] {
  const client = rpcClient(address, service, { deadlineMs: 10_000 });
  clients.push(client);
  return client.calls;
}

const ada: Subject = { id: { $case: 'userId', value: 'ada' } };
const nobody: Subject = { id: { $case: 'userId', value: 'nobody' } };

test('a profile is the same over gRPC and as JSON', async () => {
  const request = { subject: ada, purpose: 'personalise' };
  const profile = await callsOf(FeatureStoreServiceService).getProfile(request);
  expect(profile).toMatchObject({ events: 2n, segments: ['first_timer'], consent: { personalise: true } });
  expect(GetProfileResponse.toJSON(profile)).toEqual(await json(FeatureStoreServiceService.getProfile.path, GetProfileRequest.toJSON(request)));
});

test('a decision is made over gRPC, and asked for again as JSON is the same one', async () => {
  const request = { subject: ada, campaign: 'welcome_back', requestId: 'r1' };
  const calls = callsOf(ScoringServiceService);
  const answer = await calls.decide(request);
  expect(answer.decision).toMatchObject({ campaign: 'welcome_back' });
  expect(answer.decision?.id).not.toBe('');
  expect(DecideResponse.toJSON(answer)).toEqual(await json(ScoringServiceService.decide.path, DecideRequest.toJSON(request)));
  expect(await calls.explainDecision({ decisionId: answer.decision?.id ?? '' })).toMatchObject({ identical: true });
});

test('what cannot be answered has the same code over both doors', async () => {
  const features = callsOf(FeatureStoreServiceService);
  for (const [request, code] of [
    [{ subject: nobody, purpose: 'personalise' }, 'SUBJECT_UNKNOWN'],
    [{ subject: ada, purpose: 'spying' }, 'REQUEST_INVALID'],
    [{ subject: undefined, purpose: 'personalise' }, 'REQUEST_INVALID'],
  ] as const) {
    const { reason, message } = (await json(FeatureStoreServiceService.getProfile.path, GetProfileRequest.toJSON(request))) as {
      readonly reason: string;
      readonly message: string;
    };
    expect(reason).toBe(code);
    const told = `${code}: ${message}`;
    await expect(features.getProfile(request)).rejects.toMatchObject({ code, message: told });
  }
});

test('events are taken over gRPC with the write key in the metadata, and not without it', async () => {
  const { publishEvents } = callsOf(IngestionServiceService);
  const events = [Event.fromPartial({ name: 'Order Completed', userId: 'gus', properties: { order_id: 'G1', total: 5, products: [] } })];
  const { verdicts } = await publishEvents({ events }, { metadata: { authorization: `Basic ${btoa('demo:')}` } });
  expect(verdicts).toMatchObject([{ verdict: { $case: 'accepted' } }]);
  for (const metadata of [{}, { authorization: 'demo' }, { authorization: `Basic ${btoa('wrong:')}` }])
    await expect(publishEvents({ events }, { metadata })).rejects.toMatchObject({ code: 'WRITE_KEY_UNKNOWN' });
});

test('every service is served at the one address', async () => {
  const { profileId } = await callsOf(IdentityServiceService).resolve({ subject: ada });
  expect(profileId).toMatch(/^p_/);
  expect(await callsOf(PrivacyServiceService).getConsent({ subject: ada })).toMatchObject({ purposes: { marketing: true } });
  // Whether ada's welcome has gone out by now, or was held out, is nothing to this test.
  expect(await callsOf(NotificationServiceService).getDeliveryResults({})).toHaveProperty('campaigns');
  expect(await callsOf(OutboxServiceService).listMails({ pageSize: 1, pageToken: '' })).toHaveProperty('mails');
});

test('the address of gRPC is printed, and a taken port is an error that names a free one', { timeout: 60_000 }, async () => {
  const { grpc } = await started(newFolder());
  const client = rpcClient(grpc, FeatureStoreServiceService, { deadlineMs: 10_000 });
  clients.push(client);
  await expect(client.calls.getProfile({ subject: nobody, purpose: 'personalise' })).rejects.toMatchObject({ code: 'SUBJECT_UNKNOWN' });
  const taken = createServer().listen(0, HOST);
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const { status, stderr } = refused({ ...settings(newFolder()), ATTUNE_GRPC_PORT: String(port) }, 'start', '--no-demo');
  taken.close();
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/^attune: PORT_TAKEN.*free is ATTUNE_GRPC_PORT=\d+/) });
});
