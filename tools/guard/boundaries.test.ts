import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { lintPlanted } from './planted.ts';

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly nx?: { readonly tags?: readonly string[] };
}

const manifests = globSync('{libs,services}/*/package.json').map((path) => JSON.parse(readFileSync(path, 'utf8')) as Manifest);
const services = new Set(manifests.filter(({ nx }) => nx?.tags?.includes('kind:service')).map(({ name }) => name));
/** The command line puts the four services into one process; it alone may know them. */
const composer = '@attune/attune';

/** Each dependency that the matrix forbids, as `who -> whom`. */
function forbidden(projects: readonly Manifest[]): string[] {
  return projects.flatMap(({ name, dependencies = {} }) =>
    Object.keys(dependencies)
      .filter((to) => name === '@attune/kernel' || (services.has(to) && name !== composer) || to === composer)
      .map((to) => `${name} -> ${to}`),
  );
}

test('every project says whether it is a library or a service', () => {
  const untold = manifests.filter(({ nx }) => !nx?.tags?.some((tag) => tag === 'kind:lib' || tag === 'kind:service'));
  expect(untold.map(({ name }) => name)).toEqual([]);
  expect(services.size).toBeGreaterThanOrEqual(5);
});

test('services depend on libraries only, and the kernel on nothing', () => {
  expect(forbidden(manifests)).toEqual([]);
});

test('a service that depends on another, a library on a service and a kernel on anything are seen', () => {
  const projects = [
    { name: '@attune/scoring', dependencies: { '@attune/ingestion': '*', '@attune/kernel': '*' } },
    { name: '@attune/grpc', dependencies: { '@attune/scoring': '*' } },
    { name: '@attune/kernel', dependencies: { zod: '*' } },
    { name: composer, dependencies: { '@attune/scoring': '*' } },
  ];
  expect(forbidden(projects)).toEqual(['@attune/scoring -> @attune/ingestion', '@attune/grpc -> @attune/scoring', '@attune/kernel -> zod']);
});

const declared = { '@attune/ingestion': '*', '@attune/scoring': '*', '@attune/kernel': '*' };
const rulesBroken = lintPlanted({
  'services/planted/package.json': JSON.stringify({ name: '@attune/planted', dependencies: declared }),
  'services/planted/src/flows/service.ts': "import { build } from '@attune/scoring/composition';\nexport const f = build;",
  'services/planted/src/service.ts': "import { build } from '@attune/ingestion';\nexport const f = build;",
  'services/planted/src/flows/adapter.ts': "import { g } from '../adapters/g.ts';\nexport const f = g;",
  'services/planted/src/adapters/flow.ts': "import { g } from '../flows/g.ts';\nexport const f = g;",
  'services/planted/src/undeclared.ts': "import { z } from 'zod';\nexport const f = z;",
  'services/planted/src/environment.ts': 'export const f = process.env.HOME;',
  'services/planted/src/first.ts': "import { second } from './second.ts';\nexport const first = (): number => second();",
  'services/planted/src/second.ts': "import { first } from './first.ts';\nexport const second = (): number => first();",
  'services/planted/src/container.ts': "import { f } from './flows/f.ts';\nimport { g } from './adapters/g.ts';\nexport const h = [f, g];",
  'services/attune/package.json': JSON.stringify({ name: '@attune/attune', dependencies: declared }),
  'services/attune/src/one-process.ts': "import { build } from '@attune/scoring/composition';\nexport const f = build;",
});

test.each([
  ['a service in a flow', 'flows/service.ts', 'lint/style/noRestrictedImports'],
  ['a service anywhere', 'service.ts', 'lint/style/noRestrictedImports'],
  ['an adapter in a flow', 'flows/adapter.ts', 'lint/style/noRestrictedImports'],
  ['a flow in an adapter', 'adapters/flow.ts', 'lint/style/noRestrictedImports'],
  ['a package that package.json does not name', 'undeclared.ts', 'lint/correctness/noUndeclaredDependencies'],
  ['the environment outside config.ts', 'environment.ts', 'lint/style/noProcessEnv'],
  ['a circle of imports', 'first.ts', 'lint/suspicious/noImportCycles'],
])('a service may not import %s', (_, path, rule) => {
  expect(rulesBroken.get(`services/planted/src/${path}`)).toContain(rule);
});

test('a container knows all of its own service, and the one-process composition knows the services', () => {
  expect(rulesBroken.get('services/planted/src/container.ts')).toEqual([]);
  expect(rulesBroken.get('services/attune/src/one-process.ts')).toEqual([]);
});
