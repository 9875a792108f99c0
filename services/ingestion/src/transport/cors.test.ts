import { speakPlainly } from '@attune/grpc/http-errors';
import { silent } from '@attune/runtime/telemetry/port';
import { systemStopwatch } from '@attune/runtime/world';
import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { ingestionRoutes } from './http.ts';

const SHOP = 'https://shop.example';

/** What a page of that origin is told of its rights to a path. */
async function told(method: 'OPTIONS' | 'POST', url: string, origin: string, webOrigins: readonly string[]) {
  const app = fastify();
  speakPlainly(app);
  ingestionRoutes(app, async () => [], { tenantOfKey: () => undefined, webOrigins, telemetry: silent, stopwatch: systemStopwatch });
  const { statusCode, headers } = await app.inject({ method, url, headers: { origin } });
  return { status: statusCode, allowed: headers['access-control-allow-origin'], how: headers['access-control-allow-methods'], vary: headers.vary, headers };
}

test.each(['/v1/t', '/v1/track', '/v1/b', '/v1/batch', '/v1/a'])('a page of any origin may send to %s, without cookies', async (path) => {
  const { headers, ...preflight } = await told('OPTIONS', path, SHOP, ['*']);
  expect(preflight).toEqual({ status: 204, allowed: '*', how: 'POST', vary: undefined });
  expect(headers['access-control-allow-headers']).toContain('authorization');
  expect(headers['access-control-allow-headers']).toContain('traceparent'); // which a page that is traced sends along
  expect(headers).not.toHaveProperty('access-control-allow-credentials');
});

test('a refusal may be read by the page that is refused', async () => {
  expect(await told('POST', '/v1/t', SHOP, ['*'])).toMatchObject({ status: 400, allowed: '*' });
});

test('where origins are named, others are told nothing, and no cache mixes them up', async () => {
  expect(await told('OPTIONS', '/v1/t', SHOP, [SHOP])).toMatchObject({ status: 204, allowed: SHOP, vary: 'Origin' });
  for (const stranger of ['https://shop.example.evil', 'http://shop.example', 'null'])
    expect(await told('OPTIONS', '/v1/t', stranger, [SHOP])).toMatchObject({ status: 204, allowed: undefined, how: undefined, vary: 'Origin' });
});

test('pages of others may not ask what is not the event door', async () => {
  expect(await told('OPTIONS', '/attune.ingestion.v1.IngestionService/PublishEvents', SHOP, ['*'])).toMatchObject({ status: 404, allowed: undefined });
});
