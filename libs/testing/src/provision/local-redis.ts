import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { type ServerProcess, startServer } from './server-process.ts';

/** A redis-server to be killed, filled and started again at will. */
export interface LocalRedis extends ServerProcess {
  /** `redis://127.0.0.1:port` */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Where its data lie; append-only files in `appendonlydir`. */
  readonly dir: string;
  /** Kills it and deletes its data. */
  remove(): Promise<void>;
}

export interface LocalRedisOptions {
  /** Holds the data; made if absent. Default: a new temporary folder. */
  readonly dir?: string;
  /** Keep an append-only file (synced each second), so that data survive `kill` and `restart`. */
  readonly appendOnly?: boolean;
}

const HOST = '127.0.0.1';

/** Starts the machine's `redis-server` on a free port of 127.0.0.1. It ends with this process, however that ends. */
export async function startRedis({ dir: given, appendOnly = false }: LocalRedisOptions = {}): Promise<LocalRedis> {
  const dir = given ?? (await mkdtemp(join(tmpdir(), 'attune-redis-')));
  await mkdir(dir, { recursive: true });
  const port = await freePort();
  const settings = { bind: HOST, port: `${port}`, dir, save: '', appendonly: appendOnly ? 'yes' : 'no', appendfsync: 'everysec' };
  const server = await startServer({
    file: 'redis-server',
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    readyLine: 'Ready to accept connections',
    readyWithinMs: 30_000,
  });
  const remove = async (): Promise<void> => {
    await server.kill();
    await rm(dir, { recursive: true, force: true });
  };
  return Object.assign(server, { url: `redis://${HOST}:${port}`, host: HOST, port, dir, remove });
}
