import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { AttuneError } from '@attune/kernel/errors';
import type { Settings } from '../config.ts';
import { embedded } from '../container.ts';
import { lockDataFolder } from '../data-folder.ts';

const HOST = '127.0.0.1';

export interface StartOptions {
  /** Forgets what the data folder holds and begins again. */
  readonly fresh: boolean;
}

/** Starts Attune in one process and answers its address. Stops in order on SIGTERM and SIGINT. @throws AttuneError PORT_TAKEN, DATA_FOLDER_LOCKED */
export async function start({ ATTUNE_DATA_DIR, ATTUNE_HTTP_PORT }: Settings, { fresh }: StartOptions): Promise<string> {
  if (fresh) {
    lockDataFolder(ATTUNE_DATA_DIR).release();
    rmSync(ATTUNE_DATA_DIR, { recursive: true });
  }
  const folder = lockDataFolder(ATTUNE_DATA_DIR);
  const attune = await embedded(folder.path);
  const stopAll = async (): Promise<void> => {
    await attune.stop();
    folder.release();
  };
  const address = await listen(() => attune.app.listen({ host: HOST, port: ATTUNE_HTTP_PORT }), ATTUNE_HTTP_PORT).catch(async (fault: unknown) => {
    await stopAll();
    throw fault;
  });
  const stop = (): void => void stopAll();
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  return address;
}

async function listen(open: () => Promise<string>, port: number): Promise<string> {
  try {
    return await open();
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw fault;
    throw new AttuneError('PORT_TAKEN', `Port ${port}; free is ATTUNE_HTTP_PORT=${await nextFree(port + 1)}.`);
  }
}

async function nextFree(port: number): Promise<number> {
  const free = await new Promise<boolean>((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, HOST, () => probe.close(() => resolve(true)));
  });
  return free ? port : nextFree(port + 1);
}
