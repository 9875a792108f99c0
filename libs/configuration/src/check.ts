import { createHash } from 'node:crypto';
import type { FeatureKindSpec } from '@attune/kernel/feature-kind';
import { isScalar, visit } from 'yaml';
import { compile } from './compile.ts';
import type { Configuration } from './configuration.ts';
import { type Finding, findingsOf } from './faults.ts';
import type { ModelFileOf } from './fit-model.ts';
import { type Position, type PositionedDocument, parseWithPositions } from './positions.ts';
import { documentSchema } from './schema.ts';

/** One mistake: where it is (counted from 1), what is wrong in one sentence, and what to do. */
export interface Fault {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The words that lead to it, such as `features.orders.window`; empty for the document. */
  readonly path: string;
  readonly fault: string;
  readonly fix: string;
}

/** `more`: names and rules were not looked at yet, because the shape has faults. */
export type Checked =
  | { readonly kind: 'ok'; readonly configuration: Configuration }
  | { readonly kind: 'faults'; readonly faults: readonly Fault[]; readonly more: boolean };

export interface CheckOptions {
  readonly text: string;
  /** The name of the file for messages; nothing is read from it. */
  readonly file: string;
  readonly kinds: readonly FeatureKindSpec[];
  /** The names of the message templates; absent = they are not checked. */
  readonly messages?: readonly string[];
  /** What a model file is; absent = model files are not checked. */
  readonly modelFile?: ModelFileOf;
  /** True for a document that a log holds: it was good when it was activated, so what only a start refuses by now is passed over. */
  readonly recorded?: boolean;
}

const charactersMax = 512 * 1024;
const nestingMax = 24;
const aliasesMax = 100;
const faultsMax = 100;

/** Reads one attune.yaml of at most 512 Ki characters. At most 100 faults are told, in the order of the file; nothing is thrown for what the text says. */
export function checkConfiguration(options: CheckOptions): Checked {
  const { text, file } = options;
  const whole = (fault: string, fix: string, { line, column }: Position = { line: 1, column: 1 }): Checked => ({
    kind: 'faults',
    faults: [{ file, line, column, path: '', fault, fix }],
    more: true,
  });
  if (text.length > charactersMax)
    return whole('The file is larger than 512 Ki characters.', 'Move what is long, such as messages and lists, into files of their own.');
  const deep = tooDeepAt(text);
  if (deep !== undefined) return whole(`The document nests deeper than ${nestingMax} levels.`, 'Flatten it.', deep);
  const parsed = parseWithPositions(text);
  const findings = review(parsed, options);
  if ('configuration' in findings) return { kind: 'ok', configuration: findings.configuration };
  return { kind: 'faults', faults: placed(findings.found, parsed, file), more: findings.more ?? true };
}

type Placed = Finding & { readonly position?: Position };

function review(
  parsed: PositionedDocument,
  { text, kinds, messages, modelFile, recorded }: CheckOptions,
): { configuration: Configuration } | { found: readonly Placed[]; more?: boolean } {
  // What follows the first break of the syntax is its echo.
  const broken = parsed.document.errors
    .slice(0, 1)
    .map(({ message, pos, code }) => ({ path: [], ...yamlSentence(code, message), position: parsed.at(pos[0]) }));
  if (broken.length > 0) return { found: broken };
  const keys = badKeys(parsed);
  if (keys.length > 0) return { found: keys };
  let value: unknown;
  try {
    value = parsed.document.toJS({ maxAliasCount: aliasesMax });
  } catch {
    return {
      found: [{ path: [], fault: 'The aliases of the document cannot be resolved, or unfold to too much.', fix: 'Write the values out instead of * and &.' }],
    };
  }
  const shape = documentSchema(kinds).safeParse(value ?? {});
  if (!shape.success) return { found: findingsOf(shape.error.issues) };
  const { configuration, findings } = compile({ document: shape.data, version: createHash('sha256').update(text).digest('hex'), messages, modelFile });
  const faults = recorded === true ? findings.filter(({ tolerated }) => tolerated !== true) : findings;
  return faults.length > 0 ? { found: faults, more: false } : { configuration };
}

function placed(found: readonly Placed[], parsed: PositionedDocument, file: string): Fault[] {
  const faults = found.slice(0, 10 * faultsMax).map(({ path, fault, fix, atKey, position }) => ({
    file,
    ...(position ?? (atKey ? parsed.keyAt(path) : parsed.valueAt(path))),
    path: path.join('.'),
    fault,
    fix,
  }));
  return faults.sort((a, b) => a.line - b.line || a.column - b.column).slice(0, faultsMax);
}

/** Keys that stand twice in their mapping, and keys that JavaScript treats apart. */
function badKeys(parsed: PositionedDocument): Placed[] {
  const found: Placed[] = [];
  visit(parsed.document, {
    Map: (_key, { items }) => {
      const seen = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        const position = parsed.at(key.range?.[0] ?? 0);
        if (forbidden.has(name)) found.push({ path: [], fault: `${name} is not a name.`, fix: 'Give it another name.', position });
        if (seen.has(name)) found.push({ path: [], fault: `${name} stands twice in its mapping.`, fix: 'Keep one of them.', position });
        seen.add(name);
      }
    },
  });
  return found;
}

const forbidden: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** The place where brackets or indents nest too deep for the recursive parser to be let at them; brackets in texts count too, which errs on the safe side. */
function tooDeepAt(text: string): Position | undefined {
  const indents: number[] = [];
  let brackets = 0;
  for (const [index, line] of text.split('\n').entries()) {
    const indent = /^[ ]*(?:[-?:] +)*/.exec(line)?.[0] ?? '';
    while ((indents.at(-1) ?? -1) >= indent.length) indents.pop();
    if (line.trim() !== '') indents.push(indent.length);
    const dashes = indent.replaceAll(' ', '').length;
    let deepest = brackets;
    for (const character of line) {
      brackets = Math.max(0, brackets + ('[{'.includes(character) ? 1 : ']}'.includes(character) ? -1 : 0));
      deepest = Math.max(deepest, brackets);
    }
    if (indents.length + dashes > nestingMax || deepest > nestingMax) return { line: index + 1, column: 1 };
  }
  return undefined;
}

function yamlSentence(code: string, message: string): { fault: string; fix: string } {
  if (code === 'TAB_AS_INDENT') return { fault: 'A tab indents this line.', fix: 'Indent with spaces.' };
  return {
    fault: `This is not YAML: ${message.replaceAll(/\s+/g, ' ').slice(0, 160)}.`.replace(/\.\.$/, '.'),
    fix: 'Correct it; a text with : or # stands in quotes.',
  };
}
