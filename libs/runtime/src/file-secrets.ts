import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AttuneError } from '@attune/kernel/errors';
import type { Secrets } from './world.ts';

const SECRET_BYTES = 32;

/** Secrets of the processes of one machine: a file each in a folder that only its owner can read, made of chance at the first asking. */
export const fileSecrets = (folder: string): Secrets => ({
  get: async (name) => {
    if (!/^[a-z][a-z0-9-]*$/.test(name)) throw new AttuneError('KEY_UNAVAILABLE', 'The name of a secret is made of a-z, 0-9 and -.');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, name);
    return existing(path) ?? made(path);
  },
});

function existing(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new AttuneError('KEY_UNAVAILABLE', 'A secret cannot be read.', fault);
  }
}

/** Whole before it has its name, so that another process never reads half of it; the first to give the name wins. */
function made(path: string): Uint8Array {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    writeFileSync(draft, randomBytes(SECRET_BYTES), { flag: 'wx', mode: 0o600, flush: true });
    linkSync(draft, path);
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') throw new AttuneError('KEY_UNAVAILABLE', 'The folder of secrets cannot be written.', fault);
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(path);
}
