import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { undeclaredIn } from '@attune/runtime/telemetry/prometheus-text.fixture';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { cleanUp, ended, featureOf, newFolder, order, post, type Running, started, untilCounted, withProcesses } from './attune-process.fixture.ts';

vi.setConfig(withProcesses);

/** One bad request and the answer that it must get: a refusal, or a verdict for each event of a batch. */
interface Case {
  readonly title: string;
  readonly path: string;
  readonly key?: string;
  readonly json?: unknown;
  readonly body?: string;
  readonly base64?: string;
  /** So many bytes of filling. */
  readonly pad?: number;
  readonly gzip?: { readonly text: string; readonly times: number; readonly layers?: number };
  /** Fills a list of `json`, which would be too long to be written out. */
  readonly repeat?: { readonly at: readonly (string | number)[]; readonly value: unknown; readonly times: number };
  readonly status: number;
  readonly code?: string;
  /** What the message must contain. */
  readonly says?: string;
  readonly verdicts?: readonly string[];
}

interface Answer {
  readonly reason?: string;
  readonly message?: string;
  readonly fix?: string;
  readonly verdicts?: readonly { readonly success: boolean; readonly reason?: string }[];
}

const GROUPS: readonly string[] = ['contract', 'identify', 'batch', 'gzip', 'consent', 'rpc', 'doors'];
const corpusOf = (group: string): readonly Case[] =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../../../testdata/hostile/${group}.json`), 'utf8')) as readonly Case[];

let attune: Running;
let counted = 0;
beforeAll(async () => {
  attune = await started(newFolder(), { ATTUNE_LOG_LEVEL: 'info' });
});
afterAll(cleanUp);

/** Nothing else was harmed: the process is alive and an ordinary event still counts. */
async function stillWell(): Promise<void> {
  await post(attune.address, '/v1/track', order('ada'));
  counted++;
  expect(featureOf(await untilCounted(attune.address, 'ada', counted), 'orders')).toBe(counted);
  expect(await (await fetch(`${attune.address}/healthz`)).json()).toEqual({ status: 'alive' });
  expect((await fetch(`${attune.address}/readyz`)).status).toBe(200);
}

describe('what comes over HTTP', { timeout: 60_000 }, () => {
  test.each(GROUPS)('each case of %s has the answer that it states, and an ordinary event still counts', async (group) => {
    const before = counted;
    for (const one of corpusOf(group)) {
      const answer = await post(attune.address, one.path, bodyOf(one), one.key);
      const told = (await answer.json()) as Answer;
      const { title, status, code, says = '', verdicts } = one;
      expect({ title, status: answer.status, code: told.reason }).toEqual({ title, status, code });
      expect({ title, verdicts: told.verdicts?.map(({ success, reason }) => (success ? 'accepted' : reason)) }).toEqual({ title, verdicts });
      if (code === undefined) continue;
      expect(`${title}: ${told.message}`).toContain(says);
      expect(told.fix).not.toBe('');
    }
    await stillWell();
    expect(counted).toBe(before + 1);
  });

  test('the good event of a bad batch counts, and nobody else was written to', async () => {
    expect(featureOf(await untilCounted(attune.address, 'in-batch', 1), 'orders')).toBe(1);
    const consent = await post(attune.address, '/attune.privacy.v1.PrivacyService/GetConsent', '{"subject":{"user_id":"h"}}');
    expect(await consent.json()).toMatchObject({ reason: 'SUBJECT_UNKNOWN' });
  });
});

const CANARY = 'canary4711';
const json = (value: unknown): string => JSON.stringify(value);
const features = '/attune.features.v1.FeatureStoreService';
const scoring = '/attune.scoring.v1.ScoringService';
const privacy = '/attune.privacy.v1.PrivacyService';
const subject = { user_id: CANARY };
const loud = { userId: CANARY, event: CANARY, properties: { [CANARY]: CANARY }, messageId: CANARY, anonymousId: CANARY, context: { ip: CANARY } };
/** Hostile calls with the canary in every place that a sender writes. */
const calls: readonly (readonly [path: string, body: string, key?: string])[] = [
  ['/v1/track', json(loud)],
  ['/v1/track', json({ ...loud, event: `Attune ${CANARY}` })],
  ['/v1/track', json({ ...loud, [CANARY]: { constructor: CANARY } })],
  ['/v1/track', json({ ...loud, timestamp: CANARY })],
  ['/v1/track', json({ ...loud, userId: [CANARY] })],
  ['/v1/track', `{"${CANARY}`],
  ['/v1/track', json(loud), `${CANARY}:`],
  ['/v1/track', json({ writeKey: CANARY, [CANARY]: 'x'.repeat(600_000) })],
  ['/v1/batch', json({ batch: [loud, CANARY], sentAt: CANARY })],
  ['/v1/t', json({ ...loud, writeKey: CANARY })],
  ['/attune.ingestion.v1.IngestionService/PublishEvents', json({ events: [{ name: CANARY, user_id: CANARY, timestamp: CANARY }] })],
  ['/v1/batch', json([CANARY])],
  ['/v1/identify', json({ userId: CANARY, traits: { email: CANARY } })],
  [`/v1/${CANARY}`, json(loud)],
  [`/v1/%${CANARY}`, json(loud)],
  [`/v1/track?${CANARY}=${CANARY}`, json(loud)],
  [`${features}/GetProfile`, json({ subject, purpose: CANARY })],
  [`${features}/GetProfile`, json({ subject, purpose: 'service' })],
  [`${features}/GetFeatures`, json({ subjects: [subject], features: [CANARY], purpose: 'service' })],
  [`${features}/GetFeatures`, json({ [CANARY]: CANARY })],
  ['/get-online-features', json({ features: [`${CANARY}:${CANARY}`], entities: { user_id: [CANARY] } })],
  ['/get-online-features', json({ [CANARY]: CANARY, features: [CANARY], entities: { [CANARY]: [CANARY] } })],
  [`${scoring}/Decide`, json({ subject, campaign: CANARY, request_id: CANARY })],
  [`${scoring}/ExplainDecision`, json({ decision_id: CANARY })],
  [`${privacy}/RecordConsent`, json({ subject, purposes: { [CANARY]: true }, message_id: CANARY })],
  [`${privacy}/RecordConsent`, json({ subject, purposes: { marketing: CANARY } })],
  ['/attune.identity.v1.IdentityService/Resolve', json({ subject })],
  ['/attune.notification.v1.OutboxService/ListMails', json({ page_size: CANARY, page_token: CANARY })],
  ['/attune.notification.v1.OutboxService/GetMail', json({ id: CANARY })],
];

test('nothing that a sender wrote reaches the log, at any place of any call', { timeout: 60_000 }, async () => {
  for (const [path, body, key] of calls) {
    const { status } = await post(attune.address, path, body, key);
    expect({ path, wrong: status === 200 ? path === '/v1/batch' : status >= 400 && status < 500 }).toEqual({ path, wrong: true });
  }
  for (const path of [`/console/api/customers/${CANARY}`, `/console/api/customers?query=${CANARY}`, `/${CANARY}`]) await fetch(`${attune.address}${path}`);
  await stillWell();
  const told = await (await fetch(`${attune.address}/metrics`)).text();
  expect({ canary: told.includes(CANARY), undeclared: undeclaredIn(told) }).toEqual({ canary: false, undeclared: [] });
  expect(told).toContain('attune_door_rejected_total{code=');
  expect(await ended(attune, 'SIGTERM')).toBe(0);
  expect(attune.said()).toContain('Server listening');
  expect(attune.said()).not.toContain(CANARY);
  expect(
    attune
      .said()
      .split('\n')
      .filter((line) => /"level":[45]0/.test(line)),
  ).toEqual([]);
});

/** The bytes of a case. */
function bodyOf({ json: value, body, base64, pad, gzip, repeat }: Case): string | Uint8Array<ArrayBuffer> {
  if (base64 !== undefined) return Buffer.from(base64, 'base64');
  if (gzip !== undefined) {
    let bytes = Buffer.from(gzip.text.repeat(gzip.times));
    for (let layer = 0; layer < (gzip.layers ?? 1); layer++) bytes = gzipSync(bytes);
    return bytes;
  }
  if (pad !== undefined) return 'y'.repeat(pad);
  if (body !== undefined) return body;
  if (repeat !== undefined) {
    let list: unknown = value;
    for (const step of repeat.at) list = (list as Record<string | number, unknown>)[step];
    (list as unknown[]).push(...Array<unknown>(repeat.times).fill(repeat.value));
  }
  return json(value);
}
