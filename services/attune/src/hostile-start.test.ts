import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { featureKindSpecs } from '@attune/feature-store/composition';
import { afterEach, expect, test, vi } from 'vitest';
import { cleanUp, featureOf, newFolder, order, post, profileOf, refused, settings, started, untilCounted, withProcesses } from './attune-process.fixture.ts';
import { check } from './commands/check.ts';
import { start } from './commands/start.ts';
import { readSettings } from './config.ts';

vi.setConfig(withProcesses);

interface Faulty {
  readonly title: string;
  /** What the refusal must contain. */
  readonly says: string;
}
interface FaultyConfiguration extends Faulty {
  /** What is changed in the example, or the whole text. */
  readonly replace?: readonly [from: string, to: string];
  readonly text?: string;
  readonly repeat?: { readonly text: string; readonly times: number };
  readonly line: number;
}
interface FaultyTemplate extends Faulty {
  /** The file, or the words of its body; neither = there is none. */
  readonly mjml?: string;
  readonly words?: string;
  readonly code: string;
}
interface FaultySetting extends Faulty {
  readonly name: string;
  readonly value: string;
  readonly code: string;
}

const root = join(import.meta.dirname, '../../..');
const corpusOf = <Case>(name: string): readonly Case[] => JSON.parse(readFileSync(join(root, `testdata/hostile/${name}.json`), 'utf8')) as readonly Case[];
const example = readFileSync(join(root, 'examples/gift-barn/attune.yaml'), 'utf8');
const mail = (words: string): string => `<mjml>
  <mj-head><mj-title>Hi</mj-title></mj-head>
  <mj-body><mj-section><mj-column>
    <mj-text>${words}</mj-text>
  </mj-column></mj-section></mj-body>
</mjml>`;
const shop = `attune: 1
shop: { name: S, time_zone: Europe/London, currency: GBP, languages: [en] }
purposes: { service: { basis: contract, keep: 2y, tell: { en: orders } } }
traits: { email: { type: email, personal: true, purposes: [service] }, name: { type: string, personal: true, purposes: [service] } }
events: { Order Completed: { role: purchase } }
features: { orders: { count: Order Completed, purposes: [service] } }
segments: { bought: orders >= 1 }
campaigns: { hello: { purpose: service, start: { when: enters, segment: bought }, message: hello, channels: [email] } }
`;

/** Writes a configuration with one template beside it, in a new folder. */
function written(document: string, template?: string): string {
  const file = join(newFolder(), 'attune.yaml');
  writeFileSync(file, document);
  mkdirSync(join(dirname(file), 'messages'));
  if (template !== undefined) writeFileSync(join(dirname(file), 'messages', 'hello.en.mjml'), template);
  return file;
}

const withConfiguration = (ATTUNE_CONFIG: string) => ({ ...settings(join(dirname(ATTUNE_CONFIG), 'data')), ATTUNE_CONFIG });

/** Starts in this process, which must be refused, and answers with code and detail. */
async function refusal(environment: Record<string, string>): Promise<{ code?: string; detail?: string }> {
  const begun = async () => start(readSettings(environment), { fresh: false, demo: false });
  return begun().then(
    () => ({}),
    (fault: unknown) => fault as { code: string; detail: string },
  );
}

afterEach(cleanUp);

const configurations = corpusOf<FaultyConfiguration>('configuration');

test('attune check and start name line and fault of each bad configuration, and start touches nothing', { timeout: 60_000 }, async () => {
  for (const one of configurations) {
    const file = written(textOf(one));
    for (const message of ['second-order', 'we-miss-you', 'favourites', 'apology', 'vip-thanks'])
      writeFileSync(join(dirname(file), 'messages', `${message}.en.mjml`), mail('Hi'));
    const { exitCode, lines } = await check(file, featureKindSpecs);
    const named = lines.filter((line) => line.startsWith(`${file}:${one.line}:`)).join('\n');
    expect({ title: one.title, exitCode, named }).toEqual({ title: one.title, exitCode: 1, named: expect.stringContaining(one.says) });
    const { code, detail } = await refusal(withConfiguration(file));
    // What a message is named is known to the templates only.
    const template = one.says === 'There is no message';
    expect({ title: one.title, code }).toEqual({ title: one.title, code: template ? 'TEMPLATE_INVALID' : 'CONFIGURATION_INVALID' });
    if (!template) expect(detail).toContain(`attune.yaml:${one.line}:`);
    expect(existsSync(join(dirname(file), 'data'))).toBe(false);
  }
});

test('each bad template is named by check and start before anything is touched', { timeout: 60_000 }, async () => {
  for (const { title, mjml, words, code, says } of corpusOf<FaultyTemplate>('templates')) {
    const file = written(shop, mjml ?? (words === undefined ? undefined : mail(words)));
    const told = await refusal(withConfiguration(file));
    expect({ title, ...told, code: told.code }).toMatchObject({ title, code, detail: expect.stringContaining(says) });
    expect(existsSync(join(dirname(file), 'data'))).toBe(false);
    expect(await check(file, featureKindSpecs)).toMatchObject({ exitCode: 1 });
  }
});

test('each bad setting is named with its code before anything is touched', async () => {
  for (const { title, name, value, code, says } of corpusOf<FaultySetting>('settings')) {
    const folder = join(newFolder(), 'data');
    const told = await refusal({ ...settings(folder), [name]: value });
    expect({ title, code: told.code, detail: told.detail }).toEqual({ title, code, detail: expect.stringContaining(says) });
    expect(existsSync(folder)).toBe(false);
  }
});

test('a refused start ends with exit code 1, code and fix, and leaves the folder to the next one', { timeout: 120_000 }, async () => {
  const folder = newFolder();
  const run = (more: object) => refused({ ...settings(folder), ...more }, 'start', '--no-demo');
  const [broken] = configurations;
  const bad = [
    { ATTUNE_CONFIG: written(broken ? textOf(broken) : '') },
    { ATTUNE_CONFIG: written(shop, mail('{% for i in (1..100000000) %}x{% endfor %}')) },
    { ATTUNE_LOG_LEVEL: 'loud' },
  ].map(run);
  expect(bad.map(({ status, stderr }) => ({ status, said: /^attune: (\w+): .+\n {2}fix: .+\n$/.exec(stderr)?.[1] }))).toEqual([
    { status: 1, said: 'CONFIGURATION_INVALID' },
    { status: 1, said: 'TEMPLATE_TOO_SLOW' },
    { status: 1, said: 'SETTING_INVALID' },
  ]);
  const { address } = await started(folder);
  await post(address, '/v1/track', order('ada'));
  expect(featureOf(await untilCounted(address, 'ada', 1), 'orders')).toBe(1);
});

test('a template that throws or loops for some customers fails their messages alone', { timeout: 60_000 }, async () => {
  const template = mail(
    `Dear {{ customer.name }}{% if customer.name == 'Throw' %}{{ customer.card }}{% endif %}{% if customer.name == 'Loop' %}{% for i in (1..99999) %}{% for j in (1..99999) %}{% assign x = j %}{% endfor %}{% endfor %}{% endif %}`,
  );
  const { address } = await started(newFolder(), { ATTUNE_CONFIG: written(shop, template) });
  for (const name of ['Throw', 'Loop', 'Ada\r\nBcc: all@example.com']) {
    const userId = name.slice(0, 3);
    await post(address, '/v1/identify', JSON.stringify({ userId, traits: { name, email: `${userId}@example.com` } }));
    await post(address, '/v1/track', order(userId));
  }
  const service = '/attune.notification.v1';
  const resultsOf = async () =>
    (
      (await (await post(address, `${service}.NotificationService/GetDeliveryResults`, '')).json()) as {
        campaigns?: { sent?: string; notSent?: Record<string, string> }[];
      }
    ).campaigns?.[0];
  await expect.poll(resultsOf, { timeout: 40_000 }).toMatchObject({ sent: '1', notSent: { TEMPLATE_INVALID: '1', TEMPLATE_TOO_SLOW: '1' } });
  const { mails } = (await (await post(address, `${service}.OutboxService/ListMails`, '')).json()) as { mails: { id: string }[] };
  expect(mails).toHaveLength(1);
  const { source } = (await (await post(address, `${service}.OutboxService/GetMail`, JSON.stringify({ id: mails[0]?.id }))).json()) as { source: string };
  const [headers = ''] = source.split(/\r?\n\r?\n/);
  expect(headers).toMatch(/^Subject: /m);
  expect(headers).not.toMatch(/^Bcc:/m);
  expect(await (await fetch(`${address}/healthz`)).json()).toEqual({ status: 'alive' });
  expect((await profileOf(address, 'Loo')).reason).toBe('REQUEST_INVALID');
});

function textOf({ replace, text = '', repeat }: FaultyConfiguration): string {
  if (replace === undefined) return text + (repeat?.text.repeat(repeat.times) ?? '');
  expect(example).toContain(replace[0]);
  return example.replace(replace[0], () => replace[1]);
}
