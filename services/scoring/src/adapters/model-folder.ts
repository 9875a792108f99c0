import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ReadModelFile } from '../ports.ts';

const BYTES_MAX = 64 * 1024 * 1024;

/** Reads model files below a folder, that of the configuration. */
export const modelFolder =
  (folder: string): ReadModelFile =>
  (file) => {
    const path = resolve(folder, file);
    try {
      const { size, isFile } = regular(path);
      if (!isFile) return { kind: 'fault', fault: `${file} is not a file.`, fix: 'Name the file of the model, from the folder of the configuration.' };
      if (size > BYTES_MAX) return { kind: 'fault', fault: `${file} is larger than 64 MiB.`, fix: 'Train fewer trees, or smaller ones.' };
      const bytes = readFileSync(path);
      return { kind: 'file', text: bytes.toString('utf8'), version: createHash('sha256').update(bytes).digest('hex') };
    } catch (fault) {
      const why = fault instanceof Error && 'code' in fault ? String(fault.code) : 'unknown';
      return {
        kind: 'fault',
        fault: `${file} cannot be read (${why}).`,
        fix: 'Check the path, which begins at the folder of the configuration, and its permissions.',
      };
    }
  };

function regular(path: string): { readonly size: number; readonly isFile: boolean } {
  const stat = statSync(path);
  return { size: stat.size, isFile: stat.isFile() };
}
