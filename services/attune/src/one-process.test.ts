import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import {
  cleanUp,
  ended,
  featureOf,
  newFolder,
  order,
  post,
  profileOf,
  refused,
  settings,
  started,
  untilCounted,
  withProcesses,
} from './attune-process.fixture.ts';

vi.setConfig(withProcesses);

afterEach(cleanUp);

test('what was answered with success is counted once, also after kill -9', { timeout: 120_000 }, async () => {
  const folder = newFolder();
  let attune = await started(folder);
  let sent = 0;
  let profileId: string | undefined;
  for (let kill = 0; kill < 3; kill++) {
    for (let i = 0; i < 20; i++) {
      const answer = await post(attune.address, '/v1/track', order('ada'));
      expect(await answer.json()).toMatchObject({ success: true });
      sent++;
    }
    await ended(attune, 'SIGKILL');
    attune = await started(folder);
    const profile = await untilCounted(attune.address, 'ada', sent);
    expect(featureOf(profile, 'orders')).toBe(sent);
    expect(profile.profileId).toBe(profileId ?? profile.profileId);
    profileId = profile.profileId;
  }
  expect(await ended(attune, 'SIGTERM')).toBe(0);
});

test('every hostile body is answered with its code and harms nothing', { timeout: 120_000 }, async () => {
  const attune = await started(newFolder());
  const corpus = JSON.parse(readFileSync(join(import.meta.dirname, '../../../testdata/hostile/track.json'), 'utf8')) as {
    title: string;
    body?: string;
    base64?: string;
    code: string;
  }[];
  expect(corpus.length).toBeGreaterThan(40);
  for (const { title, body, base64, code } of corpus) {
    const answer = await post(attune.address, '/v1/track', base64 === undefined ? (body ?? '') : Buffer.from(base64, 'base64'));
    const told = (await answer.json()) as { reason: string; message: string; fix: string };
    expect({ title, reason: told.reason }).toEqual({ title, reason: code });
    expect(answer.status).toBe(400);
    expect(told.fix).not.toBe('');
  }
  expect((await post(attune.address, '/v1/track', JSON.stringify({ userId: 'a', event: 'x', pad: 'y'.repeat(33_000) }))).status).toBe(413);
  expect((await post(attune.address, '/v1/track', 'y'.repeat(600_000))).status).toBe(413);
  expect((await post(attune.address, '/v1/track', '{}', 'wrong:')).status).toBe(401);
  expect((await post(attune.address, '/v1/nothing', '{}')).status).toBe(404);
  expect(await profileOf(attune.address, 'nobody')).toMatchObject({ reason: 'SUBJECT_UNKNOWN' });
  await post(attune.address, '/v1/track', order('ada'));
  expect(await untilCounted(attune.address, 'ada', 1)).toBeDefined();
});

test('a second process on the same folder is refused', { timeout: 120_000 }, async () => {
  const folder = newFolder();
  await started(folder);
  expect(refused(settings(folder, 0), 'start')).toMatchObject({ status: 1, stderr: expect.stringContaining('DATA_FOLDER_LOCKED') });
});

test('a taken port is an error that names the next free one', { timeout: 120_000 }, async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const { status, stderr } = refused(settings(newFolder(), port), 'start');
  taken.close();
  expect(status).toBe(1);
  expect(stderr).toMatch(/PORT_TAKEN.*free is ATTUNE_HTTP_PORT=\d+/);
});

test('an unknown setting stops the start and names the nearest known one', () => {
  const { status, stderr } = refused({ ...settings(newFolder(), 0), ATTUNE_HTTP_PROT: '1' }, 'start');
  expect(status).toBe(1);
  expect(stderr).toContain('ATTUNE_HTTP_PROT is unknown; the nearest known name is ATTUNE_HTTP_PORT');
});

test('what Kubernetes injects for Services is no setting', () => {
  const injected = {
    ATTUNE_INGESTION_SERVICE_HOST: '10.0.0.1',
    ATTUNE_INGESTION_PORT_8080_TCP_PORT: '8080',
    ATTUNE_HTTP_PORT: 'tcp://10.0.0.1:80',
    ATTUNE_DATA_DIR: '',
  };
  const { stderr } = refused({ PATH: process.env['PATH'], ...injected }, 'start');
  expect(stderr).toContain('SETTING_INVALID');
  expect(stderr).toContain('ATTUNE_DATA_DIR');
});

test('attune check finds the example sound', () => {
  const { status, stdout } = refused({ PATH: process.env['PATH'] }, 'check', join(import.meta.dirname, '../../../examples/gift-barn/attune.yaml'));
  expect(stdout).toMatch(/^ok: \d+ features/);
  expect(status).toBe(0);
});
