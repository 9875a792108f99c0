import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cleanUp, newFolder, order, post, type Running, started, untilCounted } from './attune-process.fixture.ts';
import { type FeastPython, feastPython, pythonSays } from './feast-environment.fixture.ts';

const EXAMPLE = join(import.meta.dirname, '../../../examples/feast');
const TIMEOUT_MS = 120_000;
let python: FeastPython;
let attune: Running;
let folder: string;
beforeAll(async () => {
  python = await feastPython();
  if (python.kind === 'none') return;
  attune = await started(newFolder());
  for (let i = 0; i < 3; i++) await post(attune.address, '/v1/track', order('1001'));
  await untilCounted(attune.address, '1001', 3);
  folder = newFolder();
  cpSync(EXAMPLE, folder, { recursive: true });
  const settings = join(folder, 'feature_store.yaml');
  writeFileSync(settings, readFileSync(settings, 'utf8').replace('http://127.0.0.1:8080', attune.address));
}, 700_000);
afterAll(cleanUp);

test('the example reads features of customers with the unmodified feast package', { timeout: TIMEOUT_MS }, async (context) => {
  if (python.kind === 'none') return context.skip(python.why);
  const lines = (await pythonSays(python.path, ['read_features.py', '1001', 'nobody'], folder)).trim().split('\n');
  expect(lines.map((line) => line.trim().split(/\s+/).slice(0, 3))).toEqual([
    ['user_id', 'orders', 'spend_90d'],
    ['1001', '3.0', '73.5'],
    ['nobody', 'NaN', 'NaN'],
  ]);
});

test("feast's client reads a whole view as a feature service, by full names, and hears what is wrong", { timeout: TIMEOUT_MS }, async (context) => {
  if (python.kind === 'none') return context.skip(python.why);
  const said = JSON.parse(await pythonSays(python.path, ['-c', SCRIPT], folder)) as Readonly<Record<string, unknown>>;
  expect(said['service']).toMatchObject({ user_id: ['1001', 'nobody'], buying_habit__orders: [3, null], buying_habit__spend_90d: [73.5, null] });
  expect(said['statuses']).toEqual(['PRESENT', 'NOT_FOUND', 'NULL_VALUE', 'NOT_FOUND']);
  expect(said['fault']).toContain('400');
  expect(said['fault']).toContain('Did you mean buying_habit?');
});

const SCRIPT = `
import json
from feast import FeatureService, FeatureStore
from feast.protos.feast.serving.ServingService_pb2 import FieldStatus
store = FeatureStore(repo_path=".")
rows = [{"user_id": "1001"}, {"user_id": "nobody"}]
service = store.get_online_features(features=FeatureService(name="buying_habit", features=[]), entity_rows=rows, full_feature_names=True)
proto = store.get_online_features(features=["buying_habit:orders", "buying_habit:traits.country"], entity_rows=rows).proto
statuses = [FieldStatus.Name(status) for result in proto.results[1:] for status in result.statuses]
try:
    store.get_online_features(features=["buying_habits:orders"], entity_rows=rows)
    fault = ""
except Exception as error:
    fault = str(error)
print(json.dumps({"service": service.to_dict(), "statuses": statuses, "fault": fault}))
`;
