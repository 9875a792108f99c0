import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AttuneError } from '@attune/kernel/errors';
import type { Templates } from '../ports.ts';
import { compileTemplate } from './compile-template.ts';
import type { LiquidParts } from './liquid-engine.ts';
import { RenderThread } from './render-thread.ts';

/** Which templates there must be: `<folder>/<name>.<language>.mjml`, in the first language at least. */
export interface TemplatesWanted {
  readonly folder: string;
  readonly names: readonly string[];
  /** The shop's; the first one stands in for those that a template lacks. */
  readonly languages: readonly string[];
}

/** Compiles the templates and keeps them ready to render. @throws AttuneError TEMPLATE_INVALID with file and line for a missing or broken one */
export async function loadTemplates({ folder, names, languages }: TemplatesWanted): Promise<Templates> {
  const compiled: Record<string, LiquidParts> = {};
  for (const { key, path } of filesOf({ folder, names, languages })) compiled[key] = await compileTemplate(path);
  const thread = new RenderThread(compiled);
  const languageOf = (template: string, wanted: string | undefined): string => {
    const language = [wanted, ...languages].find((one) => one !== undefined && Object.hasOwn(compiled, keyOf(template, one)));
    if (language === undefined) throw new AttuneError('TEMPLATE_INVALID', `There is no template ${template}.`);
    return language;
  };
  return {
    languageOf,
    render: (template, language, variables) => thread.render(keyOf(template, language), variables),
    close: () => thread.close(),
  };
}

/** One sentence a template that is missing or broken, with file and line; none is an empty list. */
export async function checkTemplates(folder: string, names: readonly string[], languages: readonly string[]): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const { path } of filesOf({ folder, names, languages })) {
    await compileTemplate(path).catch((fault: unknown) => faults.push(fault instanceof AttuneError ? fault.detail : `${path}:1 cannot be compiled.`));
  }
  return faults;
}

const keyOf = (template: string, language: string): string => `${template}.${language}`;

function filesOf({ folder, names, languages }: TemplatesWanted): readonly { readonly key: string; readonly path: string }[] {
  return names.flatMap((name) =>
    languages.flatMap((language, place) => {
      const key = keyOf(name, language);
      const path = join(folder, `${key}.mjml`);
      return place === 0 || existsSync(path) ? [{ key, path }] : [];
    }),
  );
}
