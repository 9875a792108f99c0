import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { engineAnswers } from '@attune/testing/provision/container-servers';
import { expect, onTestFinished, test } from 'vitest';
import { within } from '../apart/patience.ts';

const COMPOSE = join(import.meta.dirname, '../../../deploy/docker/compose.yaml');
/** With a model beside its configuration. */
const SHOP = join(import.meta.dirname, '../../../examples/bring-your-lightgbm');
const PORTS = [8080, 8081, 8082, 8083];
const run = promisify(execFile);

test('the image is built, and the compose file turns an event into a profile that a mounted model scores', { timeout: 1_200_000 }, async (context) => {
  if (!(await engineAnswers())) context.skip('no container engine answers: start Docker, or name one in DOCKER_HOST');
  const env = { ...process.env, REDIS_PASSWORD: crypto.randomUUID(), ATTUNE_SHOP: SHOP };
  const compose = (...words: readonly string[]) =>
    run('docker', ['compose', '-f', COMPOSE, '-p', `attune-${process.pid}`, ...words], { env, maxBuffer: 64 * 1024 * 1024 });
  onTestFinished(async () => void (await compose('down', '--volumes', '--remove-orphans')));
  await compose('up', '--build', '--detach', '--wait', '--wait-timeout', '600');
  for (const port of PORTS) expect([port, (await fetch(`http://127.0.0.1:${port}/readyz`)).status]).toEqual([port, 200]);
  const { stdout: user } = await compose('exec', 'scoring', 'node', '-e', 'console.log(process.getuid())');
  expect(user.trim()).toBe('10001');
  const headers = { authorization: `Basic ${Buffer.from('demo:').toString('base64')}` };
  const event = { userId: 'ada', event: 'Order Completed', properties: { order_id: 'A1', total: 24.5 } };
  expect((await fetch('http://127.0.0.1:8080/v1/track', { method: 'POST', headers, body: JSON.stringify(event) })).status).toBe(200);
  const body = JSON.stringify({ subject: { userId: 'ada' }, purpose: 'personalise' });
  const ask = async () =>
    (await (await fetch('http://127.0.0.1:8081/attune.features.v1.FeatureStoreService/GetProfile', { method: 'POST', body })).json()) as { events?: string };
  await within({ what: 'the profile', ms: 30_000 }, ask, ({ events }) => events === '1');
  const asked = JSON.stringify({ subject: { userId: 'ada' }, model: 'buys_again' });
  const predicted = await fetch('http://127.0.0.1:8082/attune.scoring.v1.ScoringService/Predict', { method: 'POST', body: asked });
  expect(await predicted.json()).toMatchObject({ status: 'PREDICTION_STATUS_MADE', model: 'buys_again' });
});
