import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

interface Service {
  readonly image: string;
  readonly command?: readonly string[] | string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
}

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const compose = parse(read('deploy/docker/compose.yaml'), { merge: true }) as { readonly services: Readonly<Record<string, Service>> };
const SERVICES = ['ingestion', 'feature-store', 'scoring', 'notification'];

/** The instructions of a Dockerfile, continued lines joined. */
const instructions = (text: string): readonly (readonly [string, string])[] =>
  text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => [line.split(' ', 1)[0] ?? '', line.slice(line.indexOf(' ') + 1)] as const);

test('the image comes from one base that may be given, runs as a user by number, and copies nothing of development into its last stage', () => {
  const lines = instructions(read('deploy/docker/Dockerfile'));
  expect(lines[0]).toEqual(['ARG', 'BASE_IMAGE=node:24-slim']);
  const stages = lines.filter(([word]) => word === 'FROM').map(([, what]) => what);
  expect(stages.length).toBeGreaterThan(1);
  for (const stage of stages) expect(stage).toMatch(/^\$\{BASE_IMAGE\}( AS [a-z]+)?$/);
  const last = lines.slice(lines.findLastIndex(([word]) => word === 'FROM'));
  expect(last.filter(([word]) => word === 'RUN' || word === 'ADD')).toEqual([]);
  for (const [, what] of last.filter(([word]) => word === 'COPY')) expect(what).toMatch(/^--from=assembled /);
  expect(last.findLast(([word]) => word === 'USER')?.[1]).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  expect(JSON.parse(last.find(([word]) => word === 'ENTRYPOINT')?.[1] ?? '')).toEqual(['node', '/attune/services/attune/dist/main.js']);
  expect(lines.map(([word]) => word).filter((word) => !/^(ARG|FROM|WORKDIR|COPY|RUN|ENV|USER|VOLUME|HEALTHCHECK|ENTRYPOINT|CMD)$/.test(word))).toEqual([]);
});

test('the compose file starts each service from the one image, without rights, with a health check on its own port', () => {
  expect(Object.keys(compose.services).toSorted()).toEqual([...SERVICES, 'kafka', 'redis'].toSorted());
  for (const [at, name] of SERVICES.entries()) {
    const service = compose.services[name];
    expect(service).toMatchObject({ image: 'attune', command: ['serve', name], read_only: true, cap_drop: ['ALL'] });
    expect(service?.healthcheck?.test.join(' ')).toContain(`127.0.0.1:${8080 + at}/readyz`);
    expect(service?.ports).toEqual([`127.0.0.1:${8080 + at}:${8080 + at}`]);
  }
});

test('the compose file names known settings only, and no password', () => {
  const config = read('services/attune/src/config.ts');
  for (const name of SERVICES)
    for (const setting of Object.keys(compose.services[name]?.environment ?? {})) expect([setting, config.includes(`  ${setting}:`)]).toEqual([setting, true]);
  expect(compose.services['ingestion']?.environment?.['ATTUNE_REDIS_URL']).toMatch(/^redis:\/\/:\$\{REDIS_PASSWORD:\?/);
  expect(compose.services['redis']?.environment?.['REDIS_PASSWORD']).toMatch(/^\$\{REDIS_PASSWORD:\?/);
});

test('nothing that git ignores goes into the build, nor anything that is built there anew', () => {
  const sent = read('.dockerignore').split('\n');
  for (const name of ['**/node_modules', '**/dist', '.git', '**/.env*', 'libs/contracts/src/gen']) expect(sent).toContain(name);
});
