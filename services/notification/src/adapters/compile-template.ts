import { readFile } from 'node:fs/promises';
import { AttuneError } from '@attune/kernel/errors';
import type { Liquid } from 'liquidjs';
import type { MessageVariables } from '../ports.ts';
import { htmlLiquid, type LiquidParts, plainLiquid } from './liquid-engine.ts';
import { headOf, textTemplateOf } from './text-part.ts';

const SAMPLE: MessageVariables = {
  customer: { name: 'Ada' },
  shop: { name: 'Shop' },
  offer: { name: 'offer', value: '1', cost: '1' },
  decision: { id: 'd' },
  unsubscribe: { url: 'https://example.com/u' },
};

/** Turns one MJML file into Liquid, once, before any customer's data is in it. @throws AttuneError TEMPLATE_INVALID with file and line, TEMPLATE_TOO_SLOW for a loop */
export async function compileTemplate(path: string): Promise<LiquidParts> {
  const source = await readFile(path, 'utf8').catch((fault: unknown) => {
    throw new AttuneError('TEMPLATE_INVALID', `${path} cannot be read.`, fault);
  });
  // Liquid is tried on the source, whose lines are those that the writer sees.
  tried(path, htmlLiquid(), source);
  // Half a second of processor time to load, which services without messages need not spend.
  const { default: mjml2html } = await import('mjml');
  const html = await mjml2html(source, { validationLevel: 'strict', keepComments: false, fonts: {}, ignoreIncludes: true }).then(
    (compiled) => compiled.html,
    (fault: unknown) => {
      throw new AttuneError('TEMPLATE_INVALID', `${path}${faultOf(fault)}`, fault);
    },
  );
  // MJML itself takes a file that was cut off for a whole one.
  if (!source.trimEnd().endsWith('</mjml>')) throw new AttuneError('TEMPLATE_INVALID', `${path}:${source.split('\n').length} does not end with </mjml>.`);
  const parts = { subject: headOf(source, 'mj-title'), html, text: textTemplateOf(source) };
  if (parts.subject === '') throw new AttuneError('TEMPLATE_INVALID', `${path}:1 has no <mj-title>, which is the subject.`);
  tried(path, htmlLiquid(), parts.html);
  tried(path, plainLiquid(), parts.subject);
  tried(path, plainLiquid(), parts.text);
  return parts;
}

/** On a busy machine a sound template may meet its limit, so the word of the second try, which has more time, counts. */
const SECOND_TRY_MS = 2_000;

function tried(path: string, liquid: Liquid, source: string): void {
  try {
    try {
      liquid.parseAndRenderSync(source, SAMPLE);
    } catch (fault) {
      if (!isSlow(fault)) throw fault;
      liquid.parseAndRenderSync(source, SAMPLE, { renderLimit: SECOND_TRY_MS });
    }
  } catch (fault) {
    if (isSlow(fault)) throw new AttuneError('TEMPLATE_TOO_SLOW', `${path}:1 does not end in time.`, fault);
    const message = fault instanceof Error ? fault.message : '';
    const line = /, line:(\d+)/.exec(message)?.[1] ?? '1';
    throw new AttuneError('TEMPLATE_INVALID', `${path}:${line} ${message.replace(/, (?:file|line):.*$/s, '')}.`, fault);
  }
}

const isSlow = (fault: unknown): boolean => fault instanceof Error && /limit exceeded/i.test(fault.message);

/** `:line what`, of the first fault that MJML names. */
function faultOf(fault: unknown): string {
  const [first] = (fault as { errors?: readonly { line: number; message: string }[] }).errors ?? [];
  if (first) return `:${first.line} ${first.message}.`;
  return `:1 ${fault instanceof Error ? fault.message : 'is not MJML'}.`;
}
