import { AttuneError } from '@attune/kernel/errors';
import { type FastifyInstance, fastify } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { plainOptions, speakPlainly } from './http-errors.ts';

const CANARY = 'canary-4711';
let app: FastifyInstance;
let logged: string[];
let broken: unknown;

beforeEach(() => {
  logged = [];
  app = fastify({ ...plainOptions, bodyLimit: 100, logger: { level: 'info', stream: { write: (line: string) => void logged.push(line) } } });
  speakPlainly(app);
  app.post('/broken', async () => {
    throw broken;
  });
});
afterEach(() => app.close());

const ask = async (url: string, payload: string = CANARY) => {
  const answer = await app.inject({ method: 'POST', url, payload, headers: { [CANARY]: CANARY } });
  return { status: answer.statusCode, ...(answer.json() as { reason: string; message: string; fix: string }) };
};
const whenBroken = (fault: unknown) => {
  broken = fault;
  return ask(`/broken?${CANARY}`);
};

test('what a sender does wrong is answered with its code and its detail, and not logged', async () => {
  expect(await whenBroken(new AttuneError('REQUEST_INVALID', 'Field: x.', new Error(CANARY)))).toMatchObject({
    status: 400,
    reason: 'REQUEST_INVALID',
    message: 'The request lacks a field or a field is out of its bounds. Field: x.',
  });
  expect(logged).toEqual([]);
});

test('a part that is away is logged by its code alone, at the level of the table', async () => {
  expect(await whenBroken(new AttuneError('STORE_UNAVAILABLE', '', new Error(CANARY)))).toMatchObject({ status: 503, reason: 'STORE_UNAVAILABLE' });
  expect(logged.map((line) => JSON.parse(line) as object)).toEqual([expect.objectContaining({ level: 40, code: 'STORE_UNAVAILABLE' })]);
  expect(logged.join()).not.toContain(CANARY);
  expect(logged[0]).not.toContain('"at"');
});

test.each([new Error(`${CANARY}\n    at ${CANARY} (file:///${CANARY})`), new AttuneError('INTERNAL', '', new TypeError(`no ${CANARY}`))])(
  'what breaks inside says nothing of itself; the log has its place and not its words',
  async (fault) => {
    expect(await whenBroken(fault)).toMatchObject({ status: 500, reason: 'INTERNAL', message: 'Something broke inside Attune.' });
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('http-errors.test.ts');
    expect(logged[0]).not.toContain(CANARY);
  },
);

test('a thrown thing that is no error, or whose message was changed, is logged without places', async () => {
  const changed = new Error(CANARY);
  changed.message = 'other';
  for (const fault of [CANARY, changed]) expect(await whenBroken(fault)).toMatchObject({ reason: 'INTERNAL' });
  expect(logged).toHaveLength(2);
  expect(logged.join()).not.toContain(CANARY);
});

test('paths that are unknown or unreadable and bodies that are too large have their answers', async () => {
  expect(await ask(`/${CANARY}`)).toMatchObject({ status: 404, reason: 'METHOD_UNKNOWN' });
  expect(await ask(`/${CANARY}%`)).toMatchObject({ status: 404, reason: 'METHOD_UNKNOWN' });
  expect(await ask('/broken', 'x'.repeat(101))).toMatchObject({ status: 413, reason: 'BATCH_TOO_LARGE' });
  expect(logged).toEqual([]);
});
