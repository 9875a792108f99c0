import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { MessageVariables, Templates } from '../ports.ts';
import { checkTemplates, loadTemplates } from './templates.ts';

// The compiler takes seconds to load on a busy machine, and is loaded by the first template.
beforeAll(() => import('mjml'), 60_000);

const barn = fileURLToPath(new URL('../../../../examples/gift-barn/messages', import.meta.url));
const names = ['second-order', 'we-miss-you', 'favourites', 'apology', 'vip-thanks'];
const mail = (text: string, title = 'Hi'): string => `<mjml>
  <mj-head><mj-title>${title}</mj-title></mj-head>
  <mj-body><mj-section><mj-column>
    <mj-text>${text}</mj-text>
  </mj-column></mj-section></mj-body>
</mjml>`;
const about = (name: string): MessageVariables => ({
  customer: { name },
  shop: { name: 'Gift Barn' },
  offer: { name: 'ten', value: '£12', cost: '£3' },
  decision: { id: 'd_1' },
  unsubscribe: { url: 'https://shop.example/unsubscribe/x.y' },
});

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'attune-templates-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function loaded(files: Readonly<Record<string, string>>, languages = ['en']): Promise<Templates> {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.mjml`), text);
  const templates = await loadTemplates({ folder, names: [...new Set(Object.keys(files).map((name) => name.split('.')[0] ?? ''))], languages });
  onTestFinished(() => templates.close());
  return templates;
}

test('a script in a name is escaped in the page and left alone in the plain part', async () => {
  const templates = await loaded({ 'hello.en': mail('Dear {{ customer.name }} {{ customer.name | raw }}') });
  const { html, text } = await templates.render('hello', 'en', about('<script>alert(1)</script>'));
  expect(html).not.toContain('<script>alert');
  expect(html.match(/&lt;script&gt;alert/g)).toHaveLength(2);
  expect(text).toContain('Dear <script>alert(1)</script>');
});

test('line breaks in a name cannot begin another header', async () => {
  const templates = await loaded({ 'subject.en': mail('x', 'For {{ customer.name }}') });
  const { subject } = await templates.render('subject', 'en', about('Ada\r\nBcc: all@example.com\u2028x'));
  expect(subject).toBe('For Ada Bcc: all@example.com x');
});

test('a name is never read as a template', async () => {
  const templates = await loaded({ 'plain.en': mail('Dear {{ customer.name }}') });
  const { html } = await templates.render('plain', 'en', about("{% include '/etc/passwd' %}{{ shop.name }}"));
  expect(html).toContain('{% include');
  expect(html).not.toContain('Gift Barn');
});

test('a template that includes a file is refused at its line and gives nothing of it', async () => {
  const fault = loaded({ 'include.en': mail("\n{% include '/etc/passwd' %}") });
  await expect(fault).rejects.toMatchObject({ code: 'TEMPLATE_INVALID', detail: expect.stringContaining('include.en.mjml:5') });
  await expect(fault).rejects.not.toMatchObject({ detail: expect.stringContaining('root:') });
});

test('a template that loops without end is stopped, and the next one renders', async () => {
  const endless = '{% if customer.name == "loop" %}{% for i in (1..900000) %}{% for j in (1..900000) %}{% endfor %}{% endfor %}{% endif %}';
  const templates = await loaded({ 'endless.en': mail(`${endless}Done`) });
  await expect(templates.render('endless', 'en', about('loop'))).rejects.toMatchObject({ code: 'TEMPLATE_TOO_SLOW' });
  await expect(templates.render('endless', 'en', about('Ada'))).resolves.toMatchObject({ text: 'Done\n' });
});

test('the language of the customer is used where the template has it, else the first of the shop', async () => {
  const templates = await loaded({ 'tongue.en': mail('Hello'), 'tongue.id': mail('Halo') }, ['en', 'id', 'fr']);
  expect(['id', 'fr', 'constructor', undefined].map((wanted) => templates.languageOf('tongue', wanted))).toEqual(['id', 'en', 'en', 'en']);
});

test('faults name file and line: a missing file, an unknown tag, an unknown name, an unclosed tag', async () => {
  writeFileSync(join(folder, 'tag.en.mjml'), mail('x').replaceAll('mj-text', 'mj-txt'));
  writeFileSync(join(folder, 'name.en.mjml'), mail('{{ custmer.name }}'));
  writeFileSync(join(folder, 'open.en.mjml'), mail('\n{% if shop.name %}'));
  const faults = await checkTemplates(folder, ['absent', 'tag', 'name', 'open'], ['en']);
  expect(faults).toEqual([
    expect.stringContaining('absent.en.mjml cannot be read'),
    expect.stringContaining("tag.en.mjml:4 Element mj-txt doesn't exist"),
    expect.stringContaining('name.en.mjml:4 undefined variable: custmer'),
    expect.stringContaining('open.en.mjml:5 '),
  ]);
});

test('every message of Gift Barn is whole in both languages, with and without a name', async () => {
  expect(await checkTemplates(barn, names, ['en', 'id'])).toEqual([]);
  expect(readdirSync(barn)).toHaveLength(names.length * 2);
  const templates = await loadTemplates({ folder: barn, names, languages: ['en', 'id'] });
  onTestFinished(() => templates.close());
  const indonesian = await templates.render('second-order', 'id', about('Siti'));
  expect(indonesian.subject).toBe('Terima kasih atas pesanan pertama Anda');
  expect(indonesian.text).toMatch(
    /Halo Siti,\n\n[\s\S]*Cari kado berikutnya: https:\/\/giftbarn\.example\/welcome-back\?decision=d_1\n\n[\s\S]*Anda menerima email ini karena/,
  );
  expect((await templates.render('apology', 'en', about(''))).text).toMatch(/^Gift Barn\n\nHello,\n/);
});
