import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { undeclaredIn } from '@attune/runtime/telemetry/prometheus-text.fixture';
import { afterEach, expect, test, vi } from 'vitest';
import { cleanUp, ended, newFolder, post, started, withProcesses } from './attune-process.fixture.ts';
import { EXAMPLE } from './read-configuration.ts';

vi.setConfig(withProcesses);

const servers: Server[] = [];
afterEach(() => {
  cleanUp();
  for (const server of servers.splice(0)) server.close();
});

const CANARIES = ['canaryuser', 'canarymail', 'Canaryname', 'canarywords', 'canarykey'] as const;
const [USER, MAIL, NAME, WORDS, KEY] = CANARIES;
const ORDER = { userId: USER, event: 'Order Completed', properties: { order_id: WORDS, total: 24.5, products: [], note: WORDS } };

async function listening(server: Server): Promise<number> {
  servers.push(server.listen(0, '127.0.0.1'));
  while (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
  return (server.address() as AddressInfo).port;
}

/** A mail server that refuses everybody, by name. Answers how often. */
async function refusingMails() {
  let refused = 0;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('220 ready\r\n');
    socket.on('data', (said) => {
      const address = /^RCPT TO:(\S+)/im.exec(String(said))?.[1];
      if (address !== undefined) refused++;
      socket.write(address === undefined ? '250 ok\r\n' : `550 nobody here is called ${address} or ${NAME}\r\n`);
    });
  });
  return { url: `smtp://127.0.0.1:${await listening(server)}`, refused: () => refused };
}

/** Keeps what is exported to it. */
async function keptTraces() {
  const bodies: string[] = [];
  const server = createHttpServer(async (request, answer) => {
    bodies.push(await text(request));
    answer.end('{}');
  });
  return { endpoint: `http://127.0.0.1:${await listening(server)}`, bodies };
}

/** The example shop without quiet hours and holdout, so that the mail leaves now. */
function openShop(): string {
  const folder = newFolder();
  cpSync(dirname(EXAMPLE), folder, { recursive: true });
  const file = join(folder, 'attune.yaml');
  const shop = readFileSync(file, 'utf8').replace(/\n {2}quiet_hours:.*\n/, '\n');
  writeFileSync(file, shop.replace('holdout: 10%', 'holdout: 0%'));
  return file;
}

/** Throws words of a sender where nobody awaits them, when it is told to. A stack names the address of its code, so that must not hold the words. */
const BREAKS = `process.on('SIGUSR2', () => { throw new Error(atob('${btoa(`${WORDS} and ${MAIL}`)}')); })`;

test('no line, no metric and no span tells anything personal, whatever is sent and whatever breaks', { timeout: 180_000 }, async () => {
  const [mails, traces] = [await refusingMails(), await keptTraces()];
  const attune = await started(newFolder(), {
    ATTUNE_CONFIG: openShop(),
    ATTUNE_LOG_LEVEL: 'debug',
    ATTUNE_SMTP_URL: mails.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: traces.endpoint,
    NODE_OPTIONS: `--import=data:text/javascript;base64,${btoa(BREAKS)}`,
  });
  let printed = '';
  attune.child.stdout?.on('data', (more) => {
    printed += String(more);
  });
  const send = async (path: string, body: unknown, key?: string): Promise<number> =>
    (await post(attune.address, path, typeof body === 'string' ? body : JSON.stringify(body), key)).status;
  const traits = { email: `${MAIL}@example.com`, name: NAME, language: 'en', time_zone: 'Asia/Jakarta' };
  expect([
    await send('/v1/identify', { userId: USER, traits }),
    await send('/attune.privacy.v1.PrivacyService/RecordConsent', { subject: { userId: USER }, purposes: { marketing: true } }),
    await send('/v1/track', ORDER),
  ]).toEqual([200, 200, 200]);
  while (mails.refused() === 0) await fetch(`${attune.address}/healthz`);
  const refusals = [
    await send('/v1/track', `{"userId":"${USER}", ${WORDS}`),
    await send('/v1/track', { ...ORDER, event: WORDS }),
    await send('/v1/track', ORDER, `${KEY}:`),
    await send(`/v1/${WORDS}?${USER}=${MAIL}`, ORDER),
    await send('/attune.features.v1.FeatureStoreService/GetProfile', { subject: { userId: USER }, purpose: WORDS }),
    await send('/attune.features.v1.FeatureStoreService/GetProfile', { [WORDS]: NAME }),
    await send('/attune.scoring.v1.ScoringService/Decide', { subject: { userId: USER }, campaign: WORDS }),
  ];
  expect(refusals.filter((status) => status < 400)).toEqual([]);
  await fetch(`${attune.address}/%E0%A4%A?${USER}`, { headers: { traceparent: MAIL, [KEY]: NAME } });
  const metrics = await (await fetch(`${attune.address}/metrics`)).text();
  while (!traces.bodies.some((body) => body.includes('channel send'))) await fetch(`${attune.address}/healthz`);
  expect(await ended(attune, 'SIGUSR2')).toBe(70);

  const found = (where: string) => CANARIES.filter((canary) => where.includes(canary));
  expect({ lines: found(attune.said()), printed: found(printed), metrics: found(metrics), spans: found(traces.bodies.join()) }).toEqual({
    lines: [],
    printed: [],
    metrics: [],
    spans: [],
  });
  expect(undeclaredIn(metrics)).toEqual([]);
  const lines = attune.said().trim().split('\n');
  for (const line of lines)
    expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), time: expect.any(String), service: 'attune', message: expect.any(String) });
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ level: 'fatal', code: 'INTERNAL', at: expect.arrayContaining([expect.any(String)]) });
});
