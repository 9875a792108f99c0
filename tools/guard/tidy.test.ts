import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { faultsOf } from './tidy-rules.ts';

/** Files that git knows or would know, but for those with bytes that are no text. */
const projectFiles = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { encoding: 'utf8' })
  .split('\0')
  .filter((path) => /\.(ts|tsx|mjs|json|md|ya?ml|proto|sh|grit|xml|html|css|toml|lua)$|^\.ci\/|Dockerfile/.test(path));

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

test('the project is tidy', () => {
  expect(projectFiles.length).toBeGreaterThan(50);
  expect(projectFiles.flatMap((path) => faultsOf({ path, text: read(path) }))).toEqual([]);
});

const flow = 'services/scoring/src/flows/decide-offer.ts';
const flowTest = 'services/scoring/src/flows/decide-offer.test.ts';

test.each([
  ['a file that is too long', flow, `${'\n'.repeat(300)}export {};`],
  ['a name in another case', 'libs/kernel/src/StableHash.ts', ''],
  ['a name that says nothing', 'libs/kernel/src/string-utils.ts', ''],
  ['the environment', flow, 'process.env' + '.HOME'],
  ['a path of a machine', 'README.md', '/ho' + 'me/someone/attune'],
  ['a registry', '.npmrc.md', 'https://registry.npm' + 'js.org/'],
  ['a ticket', flow, '// see issue' + ' #12'],
  ['work not done', flow, '// TO' + 'DO later'],
  ['a silenced compiler', flow, '// @ts-' + 'ignore'],
  ['a title of obligation', flowTest, "test('shou" + "ld hold', () => {});"],
  ['a title of obligation in a table', flowTest, "test.each([[1]])('shou" + "ld hold', () => {});"],
  ['a title with a number', flowTest, "test('1" + " holds', () => {});"],
  ['a test alone', flowTest, 'test.on' + "ly('holds', () => {});"],
  ['a test set aside', flowTest, 'test.sk' + "ip('holds', () => {});"],
])('tidy sees %s', (_, path, text) => {
  expect(faultsOf({ path, text })).toHaveLength(1);
});

test.each([
  ['a setting read where settings are read', 'services/scoring/src/config.ts', 'process.env' + '.HOME'],
  ['a sentence of behaviour', flowTest, "test('an offer that should have ended is held', (context) => context.skip('why'));"],
  ['three hundred lines', flow, `${'\n'.repeat(299)}export {};\n`],
])('tidy lets pass %s', (_, path, text) => {
  expect(faultsOf({ path, text })).toEqual([]);
});
