import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';

const MAIN = join(import.meta.dirname, 'main.ts');
const folders: string[] = [];
const running = new Set<ChildProcess>();

interface Running {
  readonly address: string;
  readonly child: ChildProcess;
}

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'attune-'));
  folders.push(folder);
  return folder;
};

const settings = (folder: string, port: number) => ({ PATH: process.env['PATH'], ATTUNE_DATA_DIR: folder, ATTUNE_HTTP_PORT: String(port) });

/** Starts Attune as its user does, and resolves once it prints its address. */
async function started(folder: string): Promise<Running> {
  const child = spawn(process.execPath, ['--conditions=attune-src', MAIN, 'start'], { env: settings(folder, 0), stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  for await (const line of createInterface(child.stdout)) {
    const address = /listening on (\S+)/.exec(line)?.[1];
    if (address !== undefined) return { address, child };
  }
  throw new Error('Attune ended before it listened');
}

/** Runs it to its end and answers what it said. */
const refused = (environment: Record<string, string | undefined>, ...words: string[]) =>
  spawnSync(process.execPath, ['--conditions=attune-src', MAIN, ...words], { env: environment, encoding: 'utf8', timeout: 30_000 });

async function ended({ child }: Running, signal: NodeJS.Signals): Promise<number | null> {
  const exit = once(child, 'exit');
  child.kill(signal);
  running.delete(child);
  return (await exit)[0] as number | null;
}

const post = (address: string, path: string, body: BodyInit, key = 'demo:'): Promise<Response> =>
  fetch(`${address}${path}`, { method: 'POST', body, headers: { authorization: `Basic ${Buffer.from(key).toString('base64')}` } });

const profileOf = async (address: string, userId: string): Promise<{ events?: string; profileId?: string; reason?: string }> =>
  (await (await post(address, '/attune.features.v1.FeatureStoreService/GetProfile', JSON.stringify({ subject: { user_id: userId } }))).json()) as {
    events?: string;
  };

/** Asks until the profile holds so many events; the test's own time limit ends it. */
async function untilCounted(address: string, userId: string, events: number): Promise<{ events?: string; profileId?: string }> {
  for (;;) {
    const profile = await profileOf(address, userId);
    if (profile.events === String(events)) return profile;
  }
}

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

test('what was answered with success is counted once, also after kill -9', { timeout: 60_000 }, async () => {
  const folder = newFolder();
  let attune = await started(folder);
  let sent = 0;
  let profileId: string | undefined;
  for (let kill = 0; kill < 3; kill++) {
    for (let i = 0; i < 20; i++) {
      const answer = await post(attune.address, '/v1/track', JSON.stringify({ userId: 'ada', event: 'Order Completed' }));
      expect(await answer.json()).toMatchObject({ success: true });
      sent++;
    }
    await ended(attune, 'SIGKILL');
    attune = await started(folder);
    const profile = await untilCounted(attune.address, 'ada', sent);
    expect(profile.profileId).toBe(profileId ?? profile.profileId);
    profileId = profile.profileId;
  }
  expect(await ended(attune, 'SIGTERM')).toBe(0);
});

test('every hostile body is answered with its code and harms nothing', { timeout: 60_000 }, async () => {
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
  await post(attune.address, '/v1/track', JSON.stringify({ userId: 'ada', event: 'x' }));
  expect(await untilCounted(attune.address, 'ada', 1)).toBeDefined();
});

test('a second process on the same folder is refused', { timeout: 60_000 }, async () => {
  const folder = newFolder();
  await started(folder);
  expect(refused(settings(folder, 0), 'start')).toMatchObject({ status: 1, stderr: expect.stringContaining('DATA_FOLDER_LOCKED') });
});

test('a taken port is an error that names the next free one', { timeout: 60_000 }, async () => {
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
