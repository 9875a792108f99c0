import { mkdir } from 'node:fs/promises';
import { freePort } from './free-port.ts';
import { type ServerProcess, startServer } from './server-process.ts';

export interface LocalRedis extends ServerProcess {
  /** `redis://127.0.0.1:port` */
  readonly url: string;
  readonly port: number;
}

export interface LocalRedisOptions {
  /** Holds the data; made if absent, and the caller's to delete. */
  readonly dir: string;
  /** Keep an append-only file (synced each second), so that data survive `kill` and `restart`. */
  readonly appendOnly?: boolean;
}

/** Starts the machine's `redis-server` on a free port of 127.0.0.1. */
export async function startRedis({ dir, appendOnly = false }: LocalRedisOptions): Promise<LocalRedis> {
  await mkdir(dir, { recursive: true });
  const port = await freePort();
  const settings = { bind: '127.0.0.1', port: `${port}`, dir, save: '', appendonly: appendOnly ? 'yes' : 'no', appendfsync: 'everysec' };
  const server = await startServer({
    file: 'redis-server',
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    readyLine: 'Ready to accept connections',
    readyWithinMs: 30_000,
  });
  return Object.assign(server, { url: `redis://127.0.0.1:${port}`, port });
}
