import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A redis-server of one test alone, to be killed, filled and restarted at will. Keeps its data in an append-only file unless told otherwise. */
export interface PrivateRedis {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** Where its data lie; the append-only files in `appendonlydir`. */
  readonly folder: string;
  /** SIGKILL; returns when the process is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data; returns when it takes commands. */
  start(): Promise<void>;
  /** Kills it and deletes its data. */
  remove(): Promise<void>;
}

/** Starts `redis-server` of the machine on a free port of 127.0.0.1. `keep: false` = an empty store after each start. */
export async function startPrivateRedis({ keep = true }: { readonly keep?: boolean } = {}): Promise<PrivateRedis> {
  const [port, folder] = await Promise.all([freePort(), mkdtemp(join(tmpdir(), 'attune-redis-'))]);
  const settings = ['--bind', '127.0.0.1', '--port', `${port}`, '--dir', folder, '--save', '', '--appendonly', keep ? 'yes' : 'no'];
  let process: ChildProcess | undefined;
  const redis: PrivateRedis = {
    host: '127.0.0.1',
    port,
    url: `redis://127.0.0.1:${port}`,
    folder,
    async kill() {
      if (process === undefined || process.exitCode !== null || process.signalCode !== null) return;
      const gone = once(process, 'exit');
      process.kill('SIGKILL');
      await gone;
    },
    async start() {
      process = spawn('redis-server', settings, { stdio: ['ignore', 'pipe', 'inherit'] });
      await ready(process);
    },
    async remove() {
      await redis.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await redis.start();
  return redis;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function ready(process: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    process.once('error', reject);
    process.once('exit', (code) => reject(new Error(`redis-server ended while starting: ${code}`)));
    if (process.stdout !== null) createInterface({ input: process.stdout }).on('line', (line) => line.includes('Ready to accept connections') && resolve());
  });
}
