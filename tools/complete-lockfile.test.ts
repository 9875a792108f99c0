import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { missingEntries, platformOf } from './complete-lockfile.mjs';

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Parameters<typeof missingEntries>[0];

test('the committed lock holds every optional dependency that it names', () => {
  expect(Object.keys(missingEntries(lock))).toEqual([]);
});

test('a native family that serves Linux serves macOS and Windows too, on Intel and on Arm', () => {
  // What tests can do without, such as a faster twin of plain JavaScript, may serve whom it likes.
  const families = Object.values(lock.packages)
    .filter((entry) => !(entry.dev && entry.optional))
    .map((entry) => Object.keys(entry.optionalDependencies ?? {}).map((name) => lock.packages[`node_modules/${name}`]))
    .filter((family) => family.some((native) => native?.os?.includes('linux')));
  expect(families.length).toBeGreaterThan(4);
  const served = new Set(['darwin arm64', 'darwin x64', 'win32 arm64', 'win32 x64', 'linux arm64', 'linux x64']);
  for (const family of families) {
    const platforms = new Set(family.map((native) => `${native?.os} ${native?.cpu}`));
    expect([...served].filter((platform) => !platforms.has(platform))).toEqual([]);
  }
});

test('the lock names no registry', () => {
  expect(Object.values(lock.packages).filter((entry) => 'resolved' in entry && String(entry.resolved).includes('://'))).toEqual([]);
});

test.each([
  ['@biomejs/cli-linux-arm64-musl', { os: ['linux'], cpu: ['arm64'], libc: ['musl'] }],
  ['@bufbuild/buf-linux-armv7', { os: ['linux'], cpu: ['arm'] }],
  ['@bufbuild/buf-linux-aarch64', { os: ['linux'], cpu: ['arm64'] }],
  ['@nx/nx-win32-x64-msvc', { os: ['win32'], cpu: ['x64'] }],
  ['@nx/nx-linux-arm-gnueabihf', { os: ['linux'], cpu: ['arm'], libc: ['glibc'] }],
  ['fsevents', { os: ['darwin'] }],
  ['@pkgjs/parseargs', {}],
])('the platform of %s is read from its name', (name, platform) => {
  expect(platformOf(name)).toEqual(platform);
});

test('a package found in a folder above is not missing, and one found nowhere takes the version of its range', () => {
  const packages = {
    'node_modules/a/node_modules/b': { version: '1.0.0', dev: true, optionalDependencies: { c: '^2.3.4', d: '~1.0.0' } },
    'node_modules/a/node_modules/c': { version: '2.3.9' },
  };
  expect(missingEntries({ packages })).toEqual({ 'node_modules/d': { version: '1.0.0', optional: true, dev: true } });
});
