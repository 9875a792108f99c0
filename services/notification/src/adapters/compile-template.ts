import { readFile } from 'node:fs/promises';
import { AttuneError } from '@attune/kernel/errors';
import mjml2html from 'mjml';
import type { MessageVariables } from '../ports.ts';
import { htmlLiquid, type LiquidParts, plainLiquid } from './liquid-engine.ts';
import { headOf, textTemplateOf } from './text-part.ts';

const SAMPLE: MessageVariables = {
  customer: { name: 'Ada' },
  shop: { name: 'Shop' },
  offer: { name: 'offer', value: '1', cost: '1' },
  decision: { id: 'd' },
};

/** Turns one MJML file into Liquid, once, before any customer's data is in it. @throws AttuneError TEMPLATE_INVALID with file and line */
export async function compileTemplate(path: string): Promise<LiquidParts> {
  const source = await readFile(path, 'utf8').catch((fault: unknown) => {
    throw new AttuneError('TEMPLATE_INVALID', `${path} cannot be read.`, fault);
  });
  // Liquid is tried on the source, whose lines are those that the writer sees.
  tried(path, () => htmlLiquid().parseAndRenderSync(source, SAMPLE));
  const html = await mjml2html(source, { validationLevel: 'strict', keepComments: false, fonts: {}, ignoreIncludes: true }).then(
    (compiled) => compiled.html,
    (fault: unknown) => {
      throw new AttuneError('TEMPLATE_INVALID', `${path}${faultOf(fault)}`, fault);
    },
  );
  const parts = { subject: headOf(source, 'mj-title'), html, text: textTemplateOf(source) };
  if (parts.subject === '') throw new AttuneError('TEMPLATE_INVALID', `${path}:1 has no <mj-title>, which is the subject.`);
  tried(path, () => htmlLiquid().parseAndRenderSync(parts.html, SAMPLE));
  tried(path, () => plainLiquid().parseAndRenderSync(parts.subject, SAMPLE));
  tried(path, () => plainLiquid().parseAndRenderSync(parts.text, SAMPLE));
  return parts;
}

function tried(path: string, work: () => unknown): void {
  try {
    work();
  } catch (fault) {
    const message = fault instanceof Error ? fault.message : '';
    const line = /, line:(\d+)/.exec(message)?.[1] ?? '1';
    throw new AttuneError('TEMPLATE_INVALID', `${path}:${line} ${message.replace(/, (?:file|line):.*$/s, '')}.`, fault);
  }
}

/** `:line what`, of the first fault that MJML names. */
function faultOf(fault: unknown): string {
  const [first] = (fault as { errors?: readonly { line: number; message: string }[] }).errors ?? [];
  if (first) return `:${first.line} ${first.message}.`;
  return `:1 ${fault instanceof Error ? fault.message : 'is not MJML'}.`;
}
