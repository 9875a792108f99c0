import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endpoints, freshPrefix } from '@attune/testing/provision/endpoints';
import { expect, onTestFinished, test } from 'vitest';
import { within } from '../apart/patience.ts';
import { type ImageFolder, imageFolder } from './image-folder.ts';

const OF_DEVELOPMENT = [
  'vitest',
  'typescript',
  'vite',
  'nx',
  'testcontainers',
  '@biomejs',
  '@bufbuild/buf',
  'playwright-core',
  'fast-check',
  'smtp-server',
  '@attune/testing',
];

/** The files under a folder, from it on. */
const filesIn = (folder: string): readonly string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' });

/** One service as the image starts it. */
function serve({ attune, data, secrets, node, user }: ImageFolder, service: string) {
  const { brokers, redisUrl } = endpoints();
  const env = {
    HOME: '/tmp',
    NODE_ENV: 'production',
    ATTUNE_DATA_DIR: data,
    ATTUNE_SECRETS_DIR: secrets,
    ATTUNE_KAFKA_BROKERS: brokers,
    ATTUNE_REDIS_URL: redisUrl,
    ATTUNE_NAMESPACE: freshPrefix(),
    ATTUNE_PARTITIONS: '2',
    ATTUNE_HTTP_PORT: '0',
    ATTUNE_GRPC_PORT: '0',
  };
  const as = user === undefined ? {} : { uid: user, gid: user };
  const child = spawn(node, [join(attune, 'services/attune/dist/main.js'), 'serve', service], { env, cwd: attune, stdio: ['ignore', 'pipe', 'pipe'], ...as });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (text) => {
    said += String(text);
  });
  const address = new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const found = /listening on ([^\s,]+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`${service} ended with ${code}: ${said}`)));
  });
  return { child, address };
}

test('what the image holds runs every service, as a user without rights, from a tree that nobody may write, without tools of development', {
  timeout: 600_000,
}, async () => {
  const image = await imageFolder();
  onTestFinished(() => void execFileSync('sh', ['-c', `chmod -R u+w "${image.folder}" && rm -rf "${image.folder}"`]));
  const before = filesIn(image.attune);
  for (const name of OF_DEVELOPMENT) expect([name, existsSync(join(image.attune, 'node_modules', name))]).toEqual([name, false]);
  const own = before.filter((path) => /^(libs|services)\//.test(path));
  expect(own.filter((path) => /\.(ts|map)$|\.test\.|\.fixture\./.test(path))).toEqual([]);
  const megabytes = Number(execFileSync('du', ['-sm', image.attune], { encoding: 'utf8' }).split('\t')[0]);
  console.log(`the image's own files take ${megabytes} MB`);
  expect(megabytes).toBeLessThan(200);
  for (const service of ['ingestion', 'feature-store', 'scoring', 'notification']) {
    const { child, address } = serve(image, service);
    const url = await address;
    await within(
      { what: `${service} is ready`, ms: 60_000 },
      async () => (await fetch(`${url}/readyz`)).status,
      (status) => status === 200,
    );
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  }
  expect(filesIn(image.attune)).toEqual(before);
});
