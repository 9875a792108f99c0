import { until } from '@attune/processor/processor-world';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { cleanUp, newFolder, order, post, type Running, refused, started, untilCounted, withProcesses } from '../attune-process.fixture.ts';
import { segmentsCommand } from './segments.ts';
import { whyCommand } from './why.ts';

vi.setConfig(withProcesses);

let attune: Running;
beforeAll(async () => {
  attune = await started(newFolder());
  await post(attune.address, '/v1/track', order('ada'));
  await untilCounted(attune.address, 'ada', 1);
});
afterAll(cleanUp);

/** The lines that the command prints in this process. */
const why = (...words: string[]): Promise<readonly string[]> => printed(whyCommand, words);
const segments = (...words: string[]): Promise<readonly string[]> => printed(segmentsCommand, words);

async function printed(command: typeof whyCommand, words: readonly string[]): Promise<readonly string[]> {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  try {
    await command({ ATTUNE_FEATURES_ADDR: attune.grpc }).parseAsync(words, { from: 'user' });
    return log.mock.calls.map(([line]) => String(line));
  } finally {
    log.mockRestore();
  }
}

test('a customer’s place in a segment is explained in words and as JSON', async () => {
  expect(await why('first_timer', '--user', 'ada', '--purpose', 'personalise')).toEqual([
    'in first_timer, by what personalise may know: yes',
    '  holds: orders == 1 (orders is 1)',
    'time alone does not change the answer',
  ]);
  const [json = ''] = await why('lapsing', '--user', 'ada', '--purpose', 'personalise', '--json');
  expect(JSON.parse(json)).toMatchObject({ segment: 'lapsing', answer: 'TRUTH_FAILS', parts: expect.any(Array), words: expect.any(Array) });
});

test('a customer has to be named in one way, and a fault says where it was asked', async () => {
  await expect(why('first_timer', '--purpose', 'personalise')).rejects.toThrow('by --user, --anonymous or --profile');
  await expect(why('first_timer', '--user', 'ada', '--profile', 'p', '--purpose', 'personalise')).rejects.toThrow('Name one customer');
  await expect(why('first_timers', '--user', 'ada', '--purpose', 'personalise')).rejects.toThrow(/first_timer.*At 127\.0\.0\.1:\d+\./);
  await expect(why('first_timer', '--user', 'nobody', '--purpose', 'personalise')).rejects.toMatchObject({ code: 'SUBJECT_UNKNOWN' });
  await expect(why('first_timer', '--user', 'ada', '--purpose', 'personalise', '--address', '127.0.0.1:1')).rejects.toThrow('--address');
});

test('as a process it prints the explanation and its help', () => {
  const program = (...words: string[]) => refused({ PATH: process.env['PATH'], ATTUNE_FEATURES_ADDR: attune.grpc }, 'why', ...words);
  expect(program('first_timer', '--user', 'ada', '--purpose', 'personalise').stdout).toContain('holds: orders == 1');
  expect(program('--help').stdout).toContain('--purpose <purpose>');
  expect(program('first_timer', '--user', 'ada')).toMatchObject({ status: 1, stderr: expect.stringContaining('--purpose') });
});

test('segments are listed with their sizes, and one with its members for a purpose and its sizes over time', async () => {
  await until(async () => (await segments()).some((line) => /^first_timer +1 /.test(line)));
  expect(await segments()).toContainEqual(expect.stringMatching(/^first_timer +1 +personalise, marketing +orders == 1$/));
  const [profileId = '', last] = await segments('first_timer', '--purpose', 'personalise');
  expect(profileId).toMatch(/^p_/);
  expect(last).toBe('1 named');
  expect(await segments('first_timer', '--purpose', 'personalise', '--json')).toEqual([JSON.stringify({ profile_id: profileId })]);
  expect(await segments('first_timer', '--purpose', 'marketing')).toEqual(['0 named, 1 left out: they do not allow marketing']);
  expect(await segments('first_timer', '--sizes')).toEqual([
    'first_timer: 1 now',
    'day (UTC)   size at its end',
    expect.stringMatching(/^\d{4}-\d\d-\d\d {2}1$/),
  ]);
  await expect(segments('first_timer')).rejects.toThrow('--purpose');
  await expect(segments('first_timer', '--purpose', 'service')).rejects.toThrow('may be used for personalise, marketing');
});
