import { expect, onTestFinished, test } from 'vitest';
import { RenderThread } from './render-thread.ts';

const parts = (html: string) => ({ subject: 's', html, text: 't' });
/** Needs time without end, and no memory of its own (a range counts as memory): only a kill ends it. */
const endless = `${'{% for i in many %}'.repeat(5)}${'{% endfor %}'.repeat(5)}`;
const many = Array.from({ length: 500 }, (_, i) => i);

test('a render that takes too long costs its thread, and what waited behind it is rendered by the next one', async () => {
  const thread = new RenderThread({ endless: parts(endless), short: parts('{{ name }}') }, { limitMs: 60_000, killMs: 100 });
  onTestFinished(() => thread.close());
  const killed = thread.render('endless', { many });
  const behind = thread.render('short', { name: 'Ada' });
  await expect(killed).rejects.toMatchObject({ code: 'TEMPLATE_TOO_SLOW', detail: 'Template endless was killed.' });
  await expect(behind).resolves.toMatchObject({ html: 'Ada' });
});

test('a template may not reach into what it is given, nor use memory without bound', async () => {
  const thread = new RenderThread({
    reach: parts('{{ name.constructor.name }}'),
    memory: parts('{% assign a = "xxxxxxxxxx" %}{% for i in (1..40) %}{% assign a = a | append: a %}{% endfor %}{{ a }}'),
  });
  onTestFinished(() => thread.close());
  await expect(thread.render('reach', { name: 'Ada' })).rejects.toMatchObject({ code: 'TEMPLATE_INVALID' });
  await expect(thread.render('memory', {})).rejects.toMatchObject({ code: 'TEMPLATE_TOO_SLOW', detail: 'Template memory met its limit.' });
});
