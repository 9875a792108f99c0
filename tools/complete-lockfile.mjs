// Adds to package-lock.json the native packages of other platforms, so that one lock serves Linux, macOS and Windows alike.
// npm leaves out optional packages that it could not fetch where the lock was written; `npm ci` then refuses the lock.
// usage: node tools/complete-lockfile.mjs [--check]
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** @typedef {{ version: string, optional?: boolean, dev?: boolean, os?: string[], cpu?: string[], libc?: string[], optionalDependencies?: Record<string, string> }} LockEntry */
/** @typedef {{ packages: Record<string, LockEntry> }} Lock */

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm64', 'x64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'arm'];
/** @type {Record<string, string>} */
const synonyms = { windows: 'win32', aarch64: 'arm64', armv6: 'arm', armv7: 'arm', x86_64: 'x64', amd64: 'x64', fsevents: 'darwin' };

/**
 * What a package's name says about where it runs, in the lock's own words.
 * @param {string} name
 * @returns {Pick<LockEntry, 'os' | 'cpu' | 'libc'>}
 */
export function platformOf(name) {
  const words = name.split(/[@/.-]/).map((word) => synonyms[word] ?? word);
  const os = systems.filter((system) => words.includes(system));
  const cpu = processors.filter((processor) => words.includes(processor));
  const linux = os.includes('linux');
  const libc = linux && words.some((word) => word.startsWith('musl')) ? ['musl'] : linux && words.some((word) => word.startsWith('gnu')) ? ['glibc'] : [];
  return { ...(os.length > 0 && { os }), ...(cpu.length > 0 && { cpu }), ...(libc.length > 0 && { libc }) };
}

/**
 * Every optional dependency that the lock names and does not hold, as the entry that it lacks. No integrity: the client that fetches it first learns it.
 * @param {Lock} lock
 * @returns {Record<string, LockEntry>}
 */
export function missingEntries(lock) {
  /** @type {Record<string, LockEntry>} */
  const missing = {};
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      if (foldersAbove(path).some((folder) => lock.packages[`${folder}node_modules/${name}`])) continue;
      const version = /\d+\.\d+\.\d+[\w.+-]*/.exec(range)?.[0];
      if (version === undefined) throw new Error(`${path} wants ${name}@${range}, which names no version to lock`);
      const rest = Object.entries({ optional: true, ...(entry.dev && { dev: true }), ...platformOf(name) });
      missing[`node_modules/${name}`] = { version, ...Object.fromEntries(rest.toSorted(([a], [b]) => (a < b ? -1 : 1))) };
    }
  }
  return missing;
}

/**
 * The folders in which Node looks for a package that `path` wants, nearest first.
 * @param {string} path
 */
function foldersAbove(path) {
  const folders = [path === '' ? '' : `${path}/`];
  for (let at = path.lastIndexOf('node_modules/'); at > 0; at = path.lastIndexOf('node_modules/', at - 1)) folders.push(path.slice(0, at));
  return folders.includes('') ? folders : [...folders, ''];
}

function main() {
  const file = 'package-lock.json';
  /** @type {Lock} */
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const missing = missingEntries(lock);
  const names = Object.keys(missing);
  if (process.argv.includes('--check')) {
    if (names.length > 0) throw new Error(`${file} lacks ${names.join(', ')}: run npm run postlock`);
    return;
  }
  const packages = Object.entries({ ...lock.packages, ...missing }).toSorted(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`);
  console.log(`${names.length} optional packages added`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main();
