import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshPrefix } from '@attune/testing/provision/endpoints';
import { startKafka } from '@attune/testing/provision/local-kafka';
import { startRedis } from '@attune/testing/provision/local-redis';
import { missingPackages } from '@attune/testing/provision/local-servers';
import type { ServerProcess } from '@attune/testing/provision/server-process';
import { expect, onTestFinished, test } from 'vitest';
import { FourServices } from '../apart/four-services.ts';
import { logOf, recordsIn } from '../apart/log-facts.ts';
import { openMailServer } from '../apart/mail-server.ts';
import { within } from '../apart/patience.ts';
import type { ServiceProcess } from '../apart/service-process.ts';

/** What /readyz tells. */
interface Readiness {
  readonly code: number;
  readonly status: string;
  readonly checks: readonly { readonly check: string; readonly ok: boolean; readonly since: string; readonly code?: string }[];
}

const EVENTS = 200;
/** Longer than a start takes on a busy machine: until then the killed one keeps its partitions. */
const SESSION_MS = 8_000;
/** A server that is away for so long makes a process unready. */
const AWAY_MS = 5_000;
const ACTIVITY = 'attune.activity.v1';
const missing = await missingPackages();

/** Four services over a Kafka and a Redis of their own, which the test may stop. */
async function anInstallation() {
  const dir = mkdtempSync(join(tmpdir(), 'attune-health-'));
  const [kafka, redis, mail] = await Promise.all([startKafka({ dir: join(dir, 'kafka') }), startRedis({ dir: join(dir, 'redis') }), openMailServer()]);
  const where = { brokers: kafka.brokers, redisUrl: redis.url, namespace: freshPrefix() };
  const log = logOf(where);
  const four = await FourServices.in({ ...where, smtpUrl: mail.url, settings: { ATTUNE_KAFKA_SESSION_TIMEOUT: `${SESSION_MS / 1_000}s` } });
  onTestFinished(async () => {
    await Promise.allSettled([four.remove(), log.close(), mail.close()]);
    await Promise.allSettled([kafka.kill(), redis.kill()]);
    rmSync(dir, { recursive: true, force: true });
  });
  await four.start();
  return { kafka, redis, log, four };
}

const readiness = async ({ address }: ServiceProcess): Promise<Readiness> => {
  const answer = await fetch(`${address}/readyz`);
  return { code: answer.status, ...((await answer.json()) as Omit<Readiness, 'code'>) };
};
const isReady = ({ code }: Readiness): boolean => code === 200;
const failing = ({ checks }: Readiness): readonly string[] => checks.flatMap(({ check, ok }) => (ok ? [] : [check]));
const alive = async ({ address }: ServiceProcess): Promise<number> => (await fetch(`${address}/livez`)).status;

async function publish(four: FourServices, from: number): Promise<void> {
  const batch = Array.from({ length: EVENTS }, (_, i) => ({
    type: 'track',
    userId: `user-${(from + i) % 10}`,
    messageId: `m-${from + i}`,
    event: 'Product Viewed',
    properties: { product_id: `p-${i}` },
  }));
  const answer = await four.post('ingestion', '/v1/batch', { batch });
  expect(answer.status).toBe(200);
}

async function eventsOf(four: FourServices): Promise<number> {
  const users = Array.from({ length: 10 }, (_, i) => `user-${i}`);
  const ask = (userId: string) =>
    four.call<{ events?: string }>('feature-store', 'features.v1.FeatureStoreService/GetProfile', { subject: { userId }, purpose: 'personalise' });
  const profiles = await Promise.all(users.map(ask));
  return profiles.reduce((sum, { events }) => sum + Number(events ?? 0), 0);
}

/** Stops a server's process in mid-word, as a machine that hangs; looks at the services; lets it go on. */
async function frozen(server: ServerProcess, look: () => Promise<void>): Promise<void> {
  process.kill(server.pid, 'SIGSTOP');
  try {
    await look();
  } finally {
    process.kill(server.pid, 'SIGCONT');
  }
}

test('a service is ready once it has caught up, says what is away and since when, and is not killed for it', { timeout: 400_000 }, async (context) => {
  if (missing.length > 0) context.skip(`needs a Kafka and a Redis that it may stop: install ${missing.join(', ')}`);
  const { kafka, redis, log, four } = await anInstallation();
  const features = four.services['feature-store'];
  for (const service of four.all) await within({ what: `${service.name} is ready`, ms: 60_000 }, () => readiness(service), isReady);
  await publish(four, 0);
  await within(
    { what: `${EVENTS} events`, ms: 60_000 },
    () => eventsOf(four),
    (it) => it === EVENTS,
  );

  const activity = await recordsIn(log, ACTIVITY);
  await features.end('SIGKILL');
  await publish(four, EVENTS);
  await within(
    { what: 'activity', ms: 60_000 },
    () => recordsIn(log, ACTIVITY),
    (it) => it >= activity + EVENTS,
  );
  await features.start();
  const first = await readiness(features);
  expect([first.code, first.status]).toEqual([503, 'starting']);
  expect(failing(first)).toContain('joined');
  expect(await eventsOf(four)).toBeGreaterThanOrEqual(EVENTS); // it answers from what is folded while it waits for its partitions
  expect(await alive(features)).toBe(200);
  await within({ what: 'feature-store is ready again', ms: 60_000 }, () => readiness(features), isReady);
  expect(await eventsOf(four)).toBe(2 * EVENTS);

  for (const [server, check] of [
    [kafka, 'log'],
    [redis, 'store'],
  ] as const) {
    await frozen(server, async () => {
      const fromMs = Date.now();
      const seen = await within(
        { what: `${check} is noticed`, ms: 60_000 },
        () => readiness(features),
        (it) => failing(it).includes(check),
      );
      expect(seen.checks.find((one) => one.check === check)?.code).toMatch(/_UNAVAILABLE$/);
      const unready = await within(
        { what: `unready for ${check}`, ms: 60_000 },
        () => readiness(features),
        (it) => !isReady(it),
      );
      const sinceMs = Date.parse(unready.checks.find((one) => one.check === check)?.since ?? '');
      expect(Date.now() - sinceMs).toBeGreaterThanOrEqual(AWAY_MS);
      expect(sinceMs).toBeGreaterThanOrEqual(fromMs);
      expect(unready.status).toBe('unready');
      for (const service of four.all) expect([service.name, await alive(service)]).toEqual([service.name, 200]);
    });
    for (const service of four.all) await within({ what: `${service.name} is ready after ${check}`, ms: 40_000 }, () => readiness(service), isReady);
  }
  await publish(four, 2 * EVENTS);
  await within(
    { what: 'events after all that', ms: 60_000 },
    () => eventsOf(four),
    (it) => it === 3 * EVENTS,
  );
  expect(four.all.flatMap(({ unasked }) => unasked)).toEqual([]);
});
