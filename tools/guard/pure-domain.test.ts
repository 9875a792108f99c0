import { expect, test } from 'vitest';
import { lintPlanted } from './planted.ts';

const breaches: Readonly<Record<string, string>> = {
  'the time of day': 'export const f = (): number => Date.now();',
  'a date of now': 'export const f = (): number => +new Date();',
  'a random number': 'export const f = (): number => Math.random();',
  'a random number by a computed name': "export const f = (): number => Math['random']();",
  'Math under another name': 'const M = Math;\nexport const f = (): number => M.random();',
  'Math taken apart': 'const { random } = Math;\nexport const f = (): number => random();',
  'the process': 'export const f = (): string | undefined => process.env.HOME;',
  'a network call': "export const f = (): unknown => fetch('http://localhost');",
  'a timer': 'export const f = (g: () => void): unknown => setTimeout(g, 1);',
  'an interval': 'export const f = (g: () => void): unknown => setInterval(g, 1);',
  'an immediate': 'export const f = (g: () => void): unknown => setImmediate(g);',
  'a microtask': 'export const f = (g: () => void): unknown => queueMicrotask(g);',
  'a file': "import { readFileSync } from 'node:fs';\nexport const f = (): string => readFileSync('a', 'utf8');",
  'a file without the node prefix': "import { readFileSync } from 'fs';\nexport const f = (): string => readFileSync('a', 'utf8');",
  'an async function': 'export async function f(): Promise<number> {\n  return 1;\n}',
  'an async function of two arguments': 'export async function f(a: number, b: number): PromiseLike<number> {\n  return a + b;\n}',
  'an async arrow': 'export const f = async () => 1;',
  'an async method': 'export class F {\n  async f() {\n    return 1;\n  }\n}',
  'an async method of an object': 'export const f = {\n  async g() {\n    return 1;\n  },\n};',
  'an await': "import { g } from './g.ts';\nexport const f = await g();",
  'a promise': 'export const f = (): unknown => Promise.resolve(1);',
  'a dynamic import': "export const f = (): unknown => import('./g.ts');",
  'an order by locale': 'export const f = (a: string, b: string): number => a.localeCompare(b);',
  'a format by locale': 'export const f = (a: number): string => a.toLocaleString();',
  'a sort in place': 'export const f = (a: number[]): number[] => a.sort((x, y) => x - y);',
  'a sort in place without a comparison': 'export const f = (a: string[]): string[] => a.sort();',
  'a reversal in place': 'export const f = (a: string[]): string[] => a.reverse();',
  'the global object': "export const f = (): unknown => globalThis['Date'];",
  'a log line': "export const f = (): void => console.log('x');",
  'machine randomness': 'export const f = (): string => crypto.randomUUID();',
  'the machine clock': 'export const f = (): number => performance.now();',
  'a locale': "export const f = (): unknown => new Intl.NumberFormat('id');",
  'code from text': "export const f = (): unknown => new Function('return 1')();",
  'a package': "import { z } from 'zod';\nexport const f = z;",
  'an adapter': "import { g } from '../adapters/g.ts';\nexport const f = g;",
  'a flow': "import { g } from '../flows/g.ts';\nexport const f = g;",
  'a port': "import type { G } from '../ports.ts';\nexport const f = (g: G): G => g;",
  'a library with IO': "import { g } from '@attune/runtime/world';\nexport const f = g;",
};

const clean = `import type { Profile } from '@attune/contracts/messages/features/v1/profile';
import { stableHash } from '@attune/kernel/hash';
import { half } from './half.ts';
import { decay } from './models/decay.ts';

/** Orders by code unit. */
export function ordered(names: readonly string[], profile: Profile): readonly string[] {
  return names.toSorted((a, b) => (a < b ? -1 : 1)).filter((name) => half(Math.floor(decay(stableHash(name)))) > profile.version);
}
`;

const pathOf = (breach: string): string => `services/planted/src/domain/${breach.replaceAll(' ', '-')}.ts`;
const planted = Object.fromEntries(Object.entries(breaches).map(([breach, text]) => [pathOf(breach), text]));
const cleanPaths = ['services/planted/src/domain/clean.ts', 'services/planted/src/domain/clean.test.ts'];
const impureTest = "import { test } from 'vitest';\ntest('waits', async () => await Promise.resolve(Date.now()));\n";
const rulesBroken = lintPlanted({
  ...planted,
  'services/planted/package.json': JSON.stringify({
    name: 'planted',
    dependencies: { '@attune/contracts': '*', '@attune/kernel': '*', '@attune/runtime': '*', zod: '*' },
  }),
  'services/planted/src/domain/clean.ts': clean,
  'services/planted/src/domain/clean.test.ts': impureTest,
  'libs/kernel/src/planted.ts': 'export const f = (): number => Date.now();',
  'libs/processor/src/domain/planted.ts': 'export const f = (): number => Date.now();',
  'services/planted/src/adapters/planted.ts': 'export const f = async (): Promise<number> => Date.now();',
});

test.each(Object.keys(breaches))('%s is refused in a domain', (breach) => {
  expect(rulesBroken.get(pathOf(breach))).not.toEqual([]);
});

test.each(cleanPaths)('pure code and tests pass: %s', (path) => {
  expect(rulesBroken.get(path)).toEqual([]);
});

test('the kernel and the core of the processor are held to the same rules, adapters are not', () => {
  expect(rulesBroken.get('libs/kernel/src/planted.ts')).not.toEqual([]);
  expect(rulesBroken.get('libs/processor/src/domain/planted.ts')).not.toEqual([]);
  expect(rulesBroken.get('services/planted/src/adapters/planted.ts')).toEqual([]);
});
