import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const VERSION = '0.67.0';
const CACHE = join(homedir(), '.cache', 'attune', `feast-${VERSION}`);
const PYTHONS = ['python3.11', 'python3.12', 'python3.13', 'python3.10', 'python3'] as const;
const INSTALL_MS = 600_000;
const run = promisify(execFile);

/** A Python that has the unmodified feast package, or why there is none. Test only. */
export type FeastPython = { readonly kind: 'python'; readonly path: string } | { readonly kind: 'none'; readonly why: string };

/** The environment that an earlier run left in the user's cache, else a new one by pip, which takes one or two minutes. */
export async function feastPython(): Promise<FeastPython> {
  const path = join(CACHE, 'bin', 'python');
  if (existsSync(path)) return { kind: 'python', path };
  const making = `${CACHE}.${process.pid}`;
  try {
    mkdirSync(dirname(CACHE), { recursive: true });
    await run(await firstPython(), ['-m', 'venv', making]);
    await run(join(making, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `feast==${VERSION}`], { timeout: INSTALL_MS });
    renameSync(making, CACHE);
    return { kind: 'python', path };
  } catch (fault) {
    rmSync(making, { recursive: true, force: true });
    if (existsSync(path)) return { kind: 'python', path };
    return { kind: 'none', why: `pip cannot get feast ${VERSION}: ${wordsOf(fault)}` };
  }
}

/** What Python prints. @throws Error with what it said, where it ends with a fault */
export async function pythonSays(python: string, args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await run(python, ['-W', 'ignore', ...args], { cwd, env: { PYTHONDONTWRITEBYTECODE: '1', FEAST_USAGE: 'False', HOME: cwd } });
  return stdout;
}

async function firstPython(): Promise<string> {
  for (const name of PYTHONS) if (await run(name, ['-m', 'venv', '--help']).catch(() => undefined)) return name;
  throw new Error('there is no python3 with venv');
}

const wordsOf = (fault: unknown): string => {
  const said = fault instanceof Error && 'stderr' in fault && typeof fault.stderr === 'string' && fault.stderr !== '' ? fault.stderr : String(fault);
  return said.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
};
