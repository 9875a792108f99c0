import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { cleanUp, ended, newFolder, post, refused, settings, started } from './attune-process.fixture.ts';

const EXAMPLE = join(import.meta.dirname, '../../../examples/bring-your-lightgbm');
const readme = readFileSync(join(EXAMPLE, 'README.md'), 'utf8');
const ATTUNE_CONFIG = join(EXAMPLE, 'attune.yaml');
const PREDICT = '/attune.scoring.v1.ScoringService/Predict';

/** The calls of the README, in its order. */
const calls = [...readme.matchAll(/^curl (?:-u demo: )?localhost:8080(\S+) -d '(.*)'$/gm)].map(([, path = '', body = '']) => ({ path, body }));

/** What the tests read of an answer. */
interface Answer {
  readonly status?: string;
  readonly probability?: number;
  readonly score?: number;
  readonly baseline?: number;
  readonly contributions?: readonly { readonly feature: string; readonly contribution: number; readonly input?: number }[];
  readonly withheld?: readonly string[];
  readonly reason?: string;
}

afterAll(cleanUp);

test('the example answers as its README says, and as LightGBM does', async () => {
  const attune = await started(newFolder(), { ATTUNE_CONFIG });
  const ask = async (path: string, body: string): Promise<Answer> => (await (await post(attune.address, path, body)).json()) as Answer;
  expect(calls.map(({ path }) => path)).toEqual(['/v1/identify', '/v1/track', '/v1/track', '/v1/track', PREDICT]);
  for (const { path, body } of calls.slice(0, -1)) expect((await post(attune.address, path, body)).status).toBe(200);
  const { body = '' } = calls.at(-1) ?? {};
  const predicted = () => ask(PREDICT, body);
  await expect.poll(async () => (await predicted()).contributions?.find(({ feature }) => feature === 'orders')?.input, { timeout: 20_000 }).toBe(3);
  const answer = await predicted();
  // The last digit of a contribution may be another one.
  const near = (_key: string, value: unknown): unknown => (typeof value === 'number' ? expect.closeTo(value, 12) : value);
  expect(answer).toMatchObject(JSON.parse(/```json\n(.*?)```/s.exec(readme)?.[1] ?? '{}', near));
  const library = JSON.parse(readFileSync(join(EXAMPLE, 'models/ada.json'), 'utf8')) as { score: number; probability: number; contributions: number[] };
  expect(answer.score).toBe(library.score);
  expect(answer.probability).toBeCloseTo(library.probability, 12);
  for (const [i, one] of library.contributions.entries()) expect(answer.contributions?.[i]?.contribution).toBeCloseTo(one, 9);

  await ask('/attune.privacy.v1.PrivacyService/RecordConsent', '{"subject":{"userId":"ada"},"purposes":{"personalise":false}}');
  expect(await predicted()).toMatchObject({
    status: 'PREDICTION_STATUS_WITHHELD',
    withheld: ['orders', 'orders_90d', 'spend_90d', 'traits.country'],
  });
  expect(await predicted()).not.toHaveProperty('score');
  expect(await ask(PREDICT, '{"subject":{"userId":"nobody"}}')).toMatchObject({ reason: 'SUBJECT_UNKNOWN' });
  expect(await ended(attune, 'SIGTERM')).toBe(0);
}, 60_000);

test('a start with a model that does not fit its view is refused before anything is written', () => {
  const folder = newFolder();
  const { stderr, status } = refused({ ...settings(folder), ATTUNE_CONFIG: join(EXAMPLE, '../../testdata/models/misfit.yaml') }, 'start', '--no-demo');
  expect(status).toBe(1);
  expect(stderr).toContain('CONFIGURATION_INVALID');
  expect(stderr).toContain('models.buys_again.view: The model reads recency_days, which habit does not have.');
});
