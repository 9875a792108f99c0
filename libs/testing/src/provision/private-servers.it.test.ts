import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startKafka } from './local-kafka.ts';
import { startRedis } from './local-redis.ts';
import { startServer } from './server-process.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'attune-private-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('a private Redis with an append-only file keeps its data through a kill, on the same address', async () => {
  const server = await startRedis({ dir, appendOnly: true });
  const client = new Redis(server.url);
  await client.set('kept', 'yes');
  const killed = server.pid;
  await server.kill();
  expect(isAlive(killed)).toBe(false);
  await server.restart();
  expect(server.pid).not.toBe(killed);
  await expect(client.get('kept')).resolves.toBe('yes');
  client.disconnect();
  await server.stop();
});

test('a private Redis without one starts empty', async () => {
  const server = await startRedis({ dir });
  const client = new Redis(server.url);
  await client.set('kept', 'no');
  await server.kill();
  await server.restart();
  await expect(client.get('kept')).resolves.toBeNull();
  client.disconnect();
  await server.stop();
});

test('a private Kafka keeps its topics through a kill, on the same address', async () => {
  const server = await startKafka({ dir });
  const listTopics = async (): Promise<string[]> => {
    const admin = new Kafka({ brokers: [server.brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    return admin.listTopics().finally(() => admin.disconnect());
  };
  const admin = new Kafka({ brokers: [server.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'kept' }], waitForLeaders: true });
  await admin.disconnect();
  await server.kill();
  await server.restart();
  await expect(listTopics()).resolves.toContain('kept');
  await server.stop();
  expect(isAlive(server.pid)).toBe(false);
}, 150_000);

test('a private server ends with the process that started it, also when that is killed', async () => {
  const module = new URL('local-redis.ts', import.meta.url).href;
  const script = `const { startRedis } = await import(${JSON.stringify(module)}); console.log((await startRedis({ dir: ${JSON.stringify(dir)} })).pid); setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: owner.stdout }), 'line');
  const pid = Number(line);
  expect(isAlive(pid)).toBe(true);
  owner.kill('SIGKILL');
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000 });
});

test('a program that cannot start says so with its last lines', async () => {
  const command = { file: 'redis-server', args: ['--no-such-setting', '1'], readyLine: 'Ready', readyWithinMs: 10_000 };
  await expect(startServer(command)).rejects.toThrow(/redis-server ended while starting.*no-such-setting/s);
  await expect(startServer({ ...command, file: 'no-such-program' })).rejects.toThrow('ENOENT');
});
