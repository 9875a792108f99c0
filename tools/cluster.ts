import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { missingPackages, startLocalServers } from '@attune/testing/provision/local-servers';

/** Four services as four processes, over the Kafka and Redis that the environment names or that are started here. Ends all of them on the first signal. */
const SERVICES = ['ingestion', 'feature-store', 'scoring', 'notification'];
const MAIN = resolve('services/attune/src/main.ts');
const folder = resolve(process.env['ATTUNE_DATA_DIR'] ?? '.attune-cluster');
mkdirSync(folder, { recursive: true, mode: 0o700 });

const servers = await serversOf(process.env['ATTUNE_KAFKA_BROKERS'], process.env['ATTUNE_REDIS_URL']);
console.log(`Kafka at ${servers.brokers}, Redis at ${servers.redisUrl.replace(/\/\/.*@/, '//')}`);
const env = {
  ATTUNE_PARTITIONS: '8',
  ...process.env,
  ATTUNE_KAFKA_BROKERS: servers.brokers,
  ATTUNE_REDIS_URL: servers.redisUrl,
  ATTUNE_SECRETS_DIR: join(folder, 'secrets'),
};
const children = SERVICES.map((name) => {
  const child = spawn(process.execPath, ['--conditions=attune-src', MAIN, 'serve', name], {
    env: { ...env, ATTUNE_DATA_DIR: join(folder, name) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface(child.stdout).on('line', (line) => console.log(line));
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  void ended.then(() => console.log(`${name} ended`));
  return { child, ended };
});

const stop = (): void => {
  for (const { child } of children) child.kill('SIGTERM');
};
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
await Promise.all(children.map(({ ended }) => ended));
await servers.stop();

async function serversOf(brokers: string | undefined, redisUrl: string | undefined) {
  if (brokers !== undefined && redisUrl !== undefined) return { brokers, redisUrl, stop: async () => {} };
  const missing = await missingPackages();
  if (missing.length > 0) throw new Error(`Set ATTUNE_KAFKA_BROKERS and ATTUNE_REDIS_URL, or install ${missing.join(', ')}.`);
  console.log('starting Kafka and Redis on this machine; their data go when this ends');
  return startLocalServers();
}
