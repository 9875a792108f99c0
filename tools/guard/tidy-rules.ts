import { basename } from 'node:path';

/** A text file of the project. */
export interface SourceFile {
  /** From the root of the project, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

interface Rule {
  readonly fault: string;
  readonly applies: (path: string) => boolean;
  readonly breaks: (file: SourceFile) => boolean;
}

const linesMax = 300;

const isCode = (path: string): boolean => /\.(ts|tsx|mjs)$/.test(path);
const isTest = (path: string): boolean => path.endsWith('.test.ts');
const isProduct = (path: string): boolean => isCode(path) && /^(libs|services|bench|integration-tests|examples)\//.test(path) && !isTest(path);
const always = (): boolean => true;

/** Words that give away the place where a file was written. In pieces, so that this file does not break its own rule. */
const places = ['/wo' + 'rk/', '.libr' + 'ary', '/ho' + 'me/', '/Us' + 'ers/'];
const registries = [
  'registry.npm' + 'js.org',
  'registry.yarn' + 'pkg.com',
  'repo.ma' + 'ven.',
  'repo1.ma' + 'ven.',
  'deb.deb' + 'ian.org',
  'pypi' + '.org',
  'proxy.gol' + 'ang.org',
];

const has =
  (pattern: RegExp) =>
  ({ text }: SourceFile): boolean =>
    pattern.test(text);
const names =
  (words: readonly string[]) =>
  ({ text }: SourceFile): boolean =>
    words.some((word) => text.includes(word));

/** Every rule that no linter of ours knows. */
const rules: readonly Rule[] = [
  { fault: `has more than ${linesMax} lines: split it by idea`, applies: isCode, breaks: ({ text }) => text.trimEnd().split('\n').length > linesMax },
  { fault: 'is not named in kebab-case', applies: isCode, breaks: ({ path }) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$/.test(basename(path)) },
  {
    fault: 'has a name that says nothing',
    applies: isCode,
    breaks: ({ path }) => /(^|[/-])(utils?|helpers?|common|manager|misc)(\.|-|$)/.test(basename(path)),
  },
  {
    fault: 'reads the environment: only config.ts and main.ts may',
    applies: (path) => isProduct(path) && !['config.ts', 'main.ts'].includes(basename(path)),
    breaks: has(/\bprocess\.env\b/),
  },
  { fault: 'names the place where it was written', applies: always, breaks: names(places) },
  { fault: 'names a package registry', applies: always, breaks: names(registries) },
  { fault: 'names a ticket: say what was wrong', applies: isCode, breaks: has(/\b(?:issue|ticket|pull request|PR) ?#?\d+/i) },
  { fault: 'holds work that is not done', applies: isCode, breaks: has(new RegExp(`\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].join('|')})\\b`)) },
  { fault: 'silences the compiler', applies: isCode, breaks: has(new RegExp(`@ts-${'(?:ignore|nocheck|expect-error)'}`)) },
  { fault: 'has a test title that begins with should, or a number', applies: isTest, breaks: has(titled(String.raw`(?:should|it should|\d)`)) },
  { fault: 'runs one test alone', applies: isTest, breaks: has(/^\s*(?:test|it|describe)(?:\.\w+)*\.only\b/m) },
  { fault: 'skips a test without context.skip(reason)', applies: isTest, breaks: has(/^\s*(?:test|it|describe)(?:\.\w+)*\.(?:skip|todo)\b/m) },
];

function titled(start: string): RegExp {
  return new RegExp(String.raw`^\s*(?:test|it)(?:\.\w+(?:\(.*\))?)?\(\s*['"\`]${start}\b`, 'im');
}

/** What is untidy about a file, a sentence each; none is an empty list. */
export const faultsOf = (file: SourceFile): readonly string[] =>
  rules.filter(({ applies, breaks }) => applies(file.path) && breaks(file)).map(({ fault }) => `${file.path} ${fault}`);
