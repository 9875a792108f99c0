import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

// Puts together what runs: `node assemble.mjs <built> <to>`, where `built` is the installed and compiled repository. Of its packages those are taken that
// production dependencies lead to: `npm ci --omit=dev` keeps what the workspaces of development need.
const [built = '', to = ''] = process.argv.slice(2);
const ROOT = 'services/attune';
/** Nothing of these is ever read by a running service. */
const LEFT_BEHIND = /\.(d\.ts|d\.mts|d\.cts|map|tsbuildinfo)$|\.(test|fixture)\.js$|^(world|simulation)$|-world\.js$/;
/** Beside compiled code, what some parts read when they run. */
const ALSO = ['contracts.binpb', 'dist-page'];

if (existsSync(to)) rmSync(to, { recursive: true });
mkdirSync(to, { recursive: true });
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
for (const folder of packagesOf(needed)) copy(folder);

function copy(folder) {
  cpSync(join(built, folder), join(to, folder), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !LEFT_BEHIND.test(basename(path)) && !relative(join(built, folder), path).split('/').includes('node_modules'),
  });
}

/** The folders of all packages and links that these workspaces need, nested ones too. */
function packagesOf(workspaces) {
  const found = new Set();
  const follow = (from) => {
    const manifest = JSON.parse(readFileSync(join(built, from, 'package.json'), 'utf8'));
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
    const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
    for (const name of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]) {
      const folder = resolved(from, name);
      if (folder === undefined || found.has(folder)) continue;
      found.add(folder);
      if (!name.startsWith('@attune/')) follow(folder);
    }
  };
  for (const workspace of workspaces) follow(workspace);
  return found;
}

/** Where a package finds another, as Node does; undefined for an optional one that is not installed. */
function resolved(from, name) {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    if (existsSync(join(built, folder))) return folder;
    if (at === '.') return undefined;
  }
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
