import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, expect, test } from 'vitest';

// Inside node_modules, so that the planted files resolve vitest and no other run collects them.
mkdirSync('node_modules/.cache', { recursive: true });
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function closingLines(files: Record<string, string>): { lines: string[]; code: number | null } {
  const root = mkdtempSync(resolve('node_modules/.cache/count-'));
  folders.push(root);
  for (const [name, text] of Object.entries(files)) writeFileSync(`${root}/${name}`, `import { beforeAll, test } from 'vitest';\n${text}`);
  const globalSetup = Object.keys(files).filter((name) => name === 'setup.ts');
  writeFileSync(`${root}/vitest.config.mjs`, `export default ${JSON.stringify({ test: { exclude: [], include: ['*.test.ts'], globalSetup } })};`);
  const vitest = resolve('node_modules/vitest/vitest.mjs');
  const run = spawnSync(process.execPath, [vitest, 'run', '--root', root, '--reporter', resolve('tools/count-reporter.ts')], { encoding: 'utf8' });
  return { lines: run.stdout.trimEnd().split('\n'), code: run.status };
}

test('the last line counts passed tests', () => {
  const { lines, code } = closingLines({ 'a.test.ts': "test('one', () => {}); test('two', () => {});" });
  expect(lines.at(-1)).toBe('2 passed, 0 failed');
  expect(code).toBe(0);
});

test('failing tests, files that do not import and hooks that throw are failed', () => {
  const { lines, code } = closingLines({
    'fails.test.ts': "test('one', () => { throw new Error('planted'); }); test('two', () => {});",
    'import.test.ts': "import './absent.ts'; test('three', () => {});",
    'hook.test.ts': "beforeAll(() => { throw new Error('planted'); }); test('four', () => {});",
  });
  expect(lines.at(-1)).toBe('1 passed, 3 failed, 1 skipped');
  expect(code).toBe(1);
});

test('an error that nobody awaited is failed', () => {
  const { lines, code } = closingLines({ 'a.test.ts': "test('one', async () => { void Promise.reject(new Error('planted')); });" });
  expect(lines.at(-1)).toBe('1 passed, 1 failed');
  expect(code).toBe(1);
});

test('a skipped test says why above the count', () => {
  const { lines, code } = closingLines({ 'a.test.ts': "test('one', (context) => context.skip('no such device')); test('two', () => {});" });
  expect(lines.slice(-2)).toEqual(['skipped: a.test.ts > one: no such device', '1 passed, 0 failed, 1 skipped']);
  expect(code).toBe(0);
});

test('a set-up that throws is failed', () => {
  const { lines, code } = closingLines({ 'a.test.ts': "test('one', () => {});", 'setup.ts': "throw new Error('planted');" });
  expect(lines.at(-1)).toBe('0 passed, 1 failed');
  expect(code).toBe(1);
});

test('a run without tests does not pass', () => {
  const { lines, code } = closingLines({});
  expect(lines.at(-1)).toBe('0 passed, 1 failed');
  expect(code).toBe(1);
});
