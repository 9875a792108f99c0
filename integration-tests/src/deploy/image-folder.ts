import { execFile } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../../..');
const run = promisify(execFile);

/** The folders of what an image holds, made by the steps of deploy/docker/Dockerfile without an engine. */
export interface ImageFolder {
  /** As /attune: nobody may write there. */
  readonly attune: string;
  /** As /data and /secrets: the services' own. */
  readonly data: string;
  readonly secrets: string;
  /** The program that runs it, where the services' user can reach it. */
  readonly node: string;
  /** The user and group of the services; absent where this process may not change to another. */
  readonly user: number | undefined;
  /** All of it. */
  readonly folder: string;
}

/** The user of the image. */
const USER = 10_001;

/** Compiles, and puts together what runs. @throws Error when a step fails */
export async function imageFolder(): Promise<ImageFolder> {
  const folder = mkdtempSync(join(tmpdir(), 'attune-image-'));
  chmodSync(folder, 0o755);
  const [attune, data, secrets, node] = [join(folder, 'attune'), join(folder, 'data'), join(folder, 'secrets'), join(folder, 'node')];
  await run(join(ROOT, 'node_modules/.bin/tsc'), ['--build', 'services/attune'], { cwd: ROOT });
  await run(process.execPath, [join(ROOT, 'deploy/docker/assemble.mjs'), ROOT, attune]);
  await run('chmod', ['-R', 'a-w,a+rX', attune]);
  cpSync(process.execPath, node);
  const user = process.getuid?.() === 0 ? USER : undefined;
  for (const own of [data, secrets]) {
    mkdirSync(own, { mode: 0o700 });
    if (user !== undefined) chownSync(own, user, user);
  }
  return { attune, data, secrets, node, user, folder };
}
