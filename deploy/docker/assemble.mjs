import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

// Puts together what runs: `node assemble.mjs <built> <packages> <to>`, where `built` is the compiled repository and `packages` a node_modules without those of development.
const [built = '', packages = '', to = ''] = process.argv.slice(2);
const ROOT = 'services/attune';
/** Nothing of these is ever read by a running service. */
const LEFT_BEHIND = /\.(d\.ts|d\.mts|d\.cts|map|tsbuildinfo)$|\.(test|fixture)\.js$|^(world|simulation)$|-world\.js$/;
/** Beside compiled code, what some parts read when they run. */
const ALSO = ['contracts.binpb', 'dist-page'];

if (existsSync(to)) rmSync(to, { recursive: true });
mkdirSync(to, { recursive: true });
cpSync(packages, join(to, 'node_modules'), { recursive: true, verbatimSymlinks: true, filter: (path) => !LEFT_BEHIND.test(basename(path)) });
cpSync(join(built, 'package.json'), join(to, 'package.json'));
cpSync(join(built, 'LICENSE'), join(to, 'LICENSE'));
cpSync(join(built, 'examples/gift-barn'), join(to, 'examples/gift-barn'), { recursive: true });
const needed = workspacesOf(ROOT);
for (const workspace of needed) {
  for (const part of ['package.json', 'dist', ...ALSO]) {
    const from = join(built, workspace, part);
    if (existsSync(from)) cpSync(from, join(to, workspace, part), { recursive: true, filter: (path) => !LEFT_BEHIND.test(basename(path)) });
  }
}
// A link to a part that is not here would only mislead.
for (const name of readdirSync(join(to, 'node_modules/@attune'))) {
  if (!existsSync(join(to, 'node_modules/@attune', name))) rmSync(join(to, 'node_modules/@attune', name));
}

/** A workspace and all that it depends on. */
function workspacesOf(root) {
  const folders = new Map();
  for (const kind of ['libs', 'services'])
    for (const name of readdirSync(join(built, kind))) {
      const file = join(built, kind, name, 'package.json');
      if (existsSync(file)) folders.set(JSON.parse(readFileSync(file, 'utf8')).name, `${kind}/${name}`);
    }
  const found = new Set([root]);
  for (const workspace of found) {
    const { dependencies = {} } = JSON.parse(readFileSync(join(built, workspace, 'package.json'), 'utf8'));
    for (const name of Object.keys(dependencies)) if (folders.has(name)) found.add(folders.get(name));
  }
  return found;
}
