import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

interface Report {
  readonly diagnostics: readonly {
    readonly category: string;
    readonly severity: string;
    readonly location: { readonly path: string | { readonly file: string } };
  }[];
}

/** Lints files, planted in an empty copy of the project, with the project's own rules. Returns the rules that each file breaks; none is an empty list. */
export function lintPlanted(files: Readonly<Record<string, string>>): ReadonlyMap<string, readonly string[]> {
  const root = mkdtempSync(join(tmpdir(), 'attune-planted-'));
  try {
    plantRules(root);
    for (const [path, text] of Object.entries(files)) plant(root, path, text);
    const run = spawnSync(resolve('node_modules/.bin/biome'), ['lint', '--reporter=json', '--colors=off', '--max-diagnostics=none'], {
      cwd: root,
      encoding: 'utf8',
    });
    if (!run.stdout.startsWith('{')) throw new Error(`biome did not report: ${run.stdout}${run.stderr}`);
    return broken(JSON.parse(run.stdout) as Report, Object.keys(files));
  } finally {
    rmSync(root, { recursive: true });
  }
}

function plantRules(root: string): void {
  const rules = JSON.parse(readFileSync('biome.json', 'utf8')) as object;
  writeFileSync(join(root, 'biome.json'), JSON.stringify({ ...rules, vcs: { enabled: false } }));
  cpSync('tools/lint', join(root, 'tools/lint'), { recursive: true });
}

function plant(root: string, path: string, text: string): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function broken({ diagnostics }: Report, paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const rulesOf = new Map<string, string[]>(paths.map((path) => [path, []]));
  for (const { category, severity, location } of diagnostics) {
    const path = typeof location.path === 'string' ? location.path : location.path.file;
    if (severity === 'error') rulesOf.get(path)?.push(category);
  }
  return rulesOf;
}
