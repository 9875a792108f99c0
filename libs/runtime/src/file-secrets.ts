import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AttuneError } from '@attune/kernel/errors';
import type { Secrets } from './world.ts';

const SECRET_BYTES = 32;

/** Secrets of one process: a file each in a folder that only its owner can read, made of chance at the first asking. */
export const fileSecrets = (folder: string): Secrets => ({
  get: async (name) => {
    if (!/^[a-z][a-z0-9-]*$/.test(name)) throw new AttuneError('KEY_UNAVAILABLE', 'The name of a secret is made of a-z, 0-9 and -.');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, name);
    try {
      writeFileSync(path, randomBytes(SECRET_BYTES), { flag: 'wx', mode: 0o600, flush: true });
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') throw new AttuneError('KEY_UNAVAILABLE', 'The folder of secrets cannot be written.', fault);
    }
    return readFileSync(path);
  },
});
