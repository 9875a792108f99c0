import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { cleanUp, ended, featureOf, newFolder, order, post, profileOf, type Running, refused, started, withProcesses } from '../attune-process.fixture.ts';
import { EXAMPLE } from '../read-configuration.ts';
import { rejectsCommand } from './rejects.ts';

vi.setConfig(withProcesses);

const CANARY = 'ada.lovelace@example.com';
/** A terminal would obey it. */
const STEERING = '\u009b2J\u202e';
const shop = newFolder();
const data = newFolder();
const ATTUNE_CONFIG = join(shop, 'attune.yaml');
let attune: Running;

beforeAll(async () => {
  cpSync(dirname(EXAMPLE), shop, { recursive: true });
  attune = await started(data, { ATTUNE_CONFIG });
  const wrong = [
    { userId: CANARY, event: 'Order Completed', messageId: 'm-time', timestamp: 'soon', properties: { order_id: 'A1', total: 1, products: [] } },
    { userId: CANARY, event: 'Support Case Opened', messageId: 'm-topic', properties: { topic: 7, note: CANARY } },
    { userId: CANARY, event: 'Parcel Sent', properties: { to: CANARY, steering: STEERING } },
  ];
  for (const body of wrong) await post(attune.address, '/v1/track', JSON.stringify(body));
});
afterAll(cleanUp);

/** The command as its user calls it, in a process of its own. */
const program = (...words: string[]) => refused({ PATH: process.env['PATH'], ATTUNE_INGESTION_ADDR: attune.grpc }, 'rejects', ...words);

/** The same in this process, which takes no second: what it prints, and the code it would exit with. */
async function cli(...words: string[]) {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  try {
    await rejectsCommand({ ATTUNE_INGESTION_ADDR: attune.grpc }).parseAsync(words, { from: 'user' });
    return { status: Number(process.exitCode ?? 0), stdout: log.mock.calls.map(([line]) => `${line}\n`).join('') };
  } finally {
    process.exitCode = undefined;
    log.mockRestore();
  }
}

interface Told {
  readonly id: string;
  readonly code: string;
}
const listed = async (...words: string[]): Promise<readonly Told[]> =>
  (await cli('list', '--json', ...words)).stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Told]));
const idOf = async (code: string): Promise<string> => (await listed()).find((one) => one.code === code)?.id ?? 'none';

/** The same shop, whose contract has come to know what was sent. */
async function restartMended(): Promise<void> {
  expect(await ended(attune, 'SIGTERM')).toBe(0);
  const text = readFileSync(ATTUNE_CONFIG, 'utf8');
  const mended = text
    .replace('topic: { type: string }', 'topic: { type: number }')
    .replace('  Support Case Opened:', '  Parcel Sent: {}\n  Support Case Opened:');
  expect(mended).not.toBe(text);
  writeFileSync(ATTUNE_CONFIG, mended);
  attune = await started(data, { ATTUNE_CONFIG });
}

test('the list says code, field, reason and fix, and nothing of what was sent', async () => {
  const { stdout } = await cli('list');
  const lines = stdout.split('\n');
  expect(lines[0]).toMatch(/^ID +REFUSED AT +CODE +FIELD +EVENT$/);
  expect(lines.slice(1, 4)).toEqual([
    expect.stringMatching(/^\d-\d +\d{4}-\d\d-\d\d .* UTC +EVENT_UNDECLARED +event +kept$/),
    expect.stringMatching(/FIELD_INVALID +properties\.topic +kept$/),
    expect.stringMatching(/TIMESTAMP_INVALID +timestamp +kept$/),
  ]);
  expect(stdout).toMatch(/^FIELD_INVALID: .+ → Send the field as its contract declares it\.$/m);
  expect(stdout).toMatch(/^3 shown\. Next: attune rejects show/m);
  expect((await cli('list', '--limit', '1')).stdout).toMatch(/^1 shown, there are older ones/m);
  expect(await listed('--code', 'FIELD_INVALID')).toEqual([
    expect.objectContaining({ code: 'FIELD_INVALID', field: 'properties.topic', reason: expect.any(String), fix: expect.any(String), hasOriginal: true }),
  ]);
  expect(stdout + (await cli('list', '--json')).stdout).not.toContain('lovelace');
  expect((await cli('list', '--code', 'FIELD_MISSING')).stdout).toBe('nothing was refused with FIELD_MISSING in the last 72 hours\n');
});

test('one is shown as it came, and does not steer the terminal', async () => {
  const id = await idOf('EVENT_UNDECLARED');
  const { stdout } = await cli('show', id);
  expect(stdout).toMatch(/^code: +EVENT_UNDECLARED$/m);
  const event = JSON.parse(stdout.slice(stdout.indexOf('{'))) as object;
  expect(event).toEqual({ type: 'track', userId: CANARY, event: 'Parcel Sent', properties: { to: CANARY, steering: STEERING } });
  expect(stdout).not.toMatch(/[\u009b\u202e]/);
  expect(JSON.parse((await cli('show', '--json', id)).stdout)).toMatchObject({ rejected: { code: 'EVENT_UNDECLARED' } });
});

test.each([
  [['show', '0-77'], /^REJECT_UNKNOWN.*At 127\.0\.0\.1:\d+\.$/],
  [['list', '--code', 'FIELD_INVALD'], /^REQUEST_INVALID.*Field: code.*nearest is FIELD_INVALID/],
  [['list', '--key', 'wrong'], /^WRITE_KEY_UNKNOWN.*--key/],
  [['list', '--address', '127.0.0.1:9'], /^SERVICE_UNAVAILABLE.*At 127\.0\.0\.1:9\. Start Attune there.*--address or ATTUNE_INGESTION_ADDR/],
  [['list', '--address', 'http://127.0.0.1:8080'], /^SETTING_INVALID.*--address is no host:port/],
  [['replay'], /^REQUEST_INVALID.*ids of attune rejects list, or --code CODE, not both/],
  [['replay', '0-0', '--code', 'FIELD_INVALID'], /^REQUEST_INVALID.*not both/],
])('%j is told with where and how to mend it', async (words, told) => {
  await expect(cli(...words)).rejects.toThrow(told);
});

test('as a process it prints the list, its help, and faults with their fix', { timeout: 60_000 }, () => {
  expect(program('list')).toMatchObject({ status: 0, stdout: expect.stringContaining('FIELD_INVALID') });
  expect(program('replay', '--help')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Usage: attune rejects replay \[options\] \[ids\.\.\.\]/) });
  expect(program('show', 'x')).toMatchObject({ status: 1, stderr: expect.stringMatching(/^attune: REJECT_UNKNOWN.*\n {2}fix: List them again/) });
  expect(program('list', '--limit', 'all')).toMatchObject({ status: 1, stderr: expect.stringContaining('whole number') });
});

test('what the contract has come to know is accepted, and sent twice it counts once; what is wrong stays refused', { timeout: 60_000 }, async () => {
  const before = await cli('replay', '--code', 'FIELD_INVALID');
  expect(before).toMatchObject({ status: 1, stdout: expect.stringMatching(/FIELD_INVALID +properties\.topic\n(.*\n)+0 accepted, 1 refused again/) });
  await restartMended();
  for (let time = 0; time < 2; time++) {
    const { stdout: summary } = await cli('replay', '--code', 'FIELD_INVALID');
    expect(summary).toBe(time === 0 ? '1 accepted, 0 refused again\n' : '0 accepted, 0 refused again: none with FIELD_INVALID is left to send\n');
    const { status, stdout } = await cli('replay', '--json', await idOf('EVENT_UNDECLARED'), await idOf('TIMESTAMP_INVALID'));
    const [parcel, late] = stdout.split('\n').map((line) => line && (JSON.parse(line) as unknown));
    expect({ status, parcel, late }).toMatchObject({
      status: 1,
      parcel: { verdict: { accepted: { messageId: expect.stringMatching(/^[\da-f-]{36}$/) } } },
      late: { verdict: { rejected: { code: 'TIMESTAMP_INVALID' } } },
    });
  }
  await post(attune.address, '/v1/track', JSON.stringify({ userId: CANARY, event: 'Support Case Opened', messageId: 'm-topic', properties: { topic: 7 } }));
  await post(attune.address, '/v1/track', order(CANARY));
  // What is sent last is counted last.
  let profile = await profileOf(attune.address, CANARY);
  while (featureOf(profile, 'orders') !== 1) profile = await profileOf(attune.address, CANARY);
  expect(profile.events).toBe('3');
  expect((await cli('list')).stdout).toMatch(/FIELD_INVALID +properties\.topic +accepted since\n/);
  expect(await listed()).toHaveLength(3);
});
