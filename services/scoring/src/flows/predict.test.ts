import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Model } from '@attune/configuration/configuration';
import { type NamedValue, ValueStatus } from '@attune/contracts/messages/common/v1/common';
import { GetFeaturesResponse } from '@attune/contracts/messages/features/v1/features';
import { PredictionStatus, PredictRequest } from '@attune/contracts/messages/scoring/v1/scoring';
import { expect, test } from 'vitest';
import { modelFolder } from '../adapters/model-folder.ts';
import { scoreRow } from '../domain/models/score-row.ts';
import { loadModels, modelFileOf } from './load-models.ts';
import { predict } from './predict.ts';
import { configurations, giftBarn } from './shops.fixture.ts';

const FOLDER = join(import.meta.dirname, '../../../../testdata/models');
const DAY = 86_400_000;
const NOW = 1_800_000_000_000;
const NAMES = ['orders', 'recency_days', 'spend', 'gap_days', 'traits.country', 'age'];
const model: Model = {
  ...{ name: 'again', file: 'lgb-binary.txt', view: 'habit', purpose: 'personalise', withheld: 'refuse', contributions: true },
  inputs: NAMES.map((name) => ({ name, missing: 'nan', ...(name === 'traits.country' && { codes: { GB: 7, ID: 9 } }) })),
};
const { VALUE_STATUS_MISSING: MISSING, VALUE_STATUS_WITHHELD: WITHHELD, VALUE_STATUS_ERASED: ERASED, VALUE_STATUS_STALE: STALE } = ValueStatus;

type Told = Partial<Record<string, number | string | boolean | { readonly status: ValueStatus } | { readonly old: number }>>;
const known: Told = { orders: 3, recency_days: 12.5, spend: 4_500, gap_days: -0.25, 'traits.country': 'GB', age: 34 };

function namedValue(name: string, told: Told[string]): NamedValue {
  const base: NamedValue = { name, status: ValueStatus.VALUE_STATUS_PRESENT, value: undefined, eventTimeMs: BigInt(NOW - DAY) };
  if (typeof told === 'number') return { ...base, value: { kind: { $case: 'number', value: told } } };
  if (typeof told === 'string') return { ...base, value: { kind: { $case: 'text', value: told } } };
  if (typeof told === 'boolean') return { ...base, value: { kind: { $case: 'truth', value: told } } };
  if (told !== undefined && 'old' in told) return { ...namedValue(name, told.old), eventTimeMs: BigInt(NOW - 100 * DAY) };
  return { ...base, status: told?.status ?? MISSING };
}

/** Asks a model about a profile that says this. */
async function asked(told: Told, declared: Partial<Model> = {}, request: Partial<PredictRequest> = {}) {
  const [purposes, waits]: [string[], unknown[]] = [[], []];
  const call = predict({
    configuration: () => configurations.of(giftBarn),
    models: loadModels({ models: [{ ...model, ...declared }] }, modelFolder(FOLDER)),
    getFeatures: async (_tenant, { views, purpose, subjects, atLeast }) => {
      waits.push(atLeast);
      purposes.push(purpose);
      const isKnown = subjects[0]?.id?.value !== 'nobody';
      // Another order than the view's, as a service under another version of the configuration might have it.
      const values = NAMES.toReversed().map((name) => namedValue(name, told[name]));
      const row = isKnown ? { profileId: 'p_1', position: { topic: 't', partition: 1, offset: 2n }, nowMs: BigInt(NOW) } : {};
      return GetFeaturesResponse.fromPartial({ rows: [{ ...row, views: [{ view: views[0] ?? '', values }] }], views: [{ name: 'habit', version: 'v1' }] });
    },
  });
  const answer = await call('default', { ...PredictRequest.fromPartial({ subject: { id: { $case: 'userId', value: 'ann' } } }), ...request });
  return { ...answer, purposes, waits };
}

const trees = loadModels({ models: [model] }, modelFolder(FOLDER)).get('again')?.trees;
/** What the trees say of a row in their own order: recency, orders, spend, gap, country, age. */
const scoreOf = (...row: readonly number[]): number | undefined => (trees ? scoreRow(trees, Float64Array.from(row))[0] : undefined);

test('a prediction is told with its parts, versions and position', async () => {
  const answer = await asked(known);
  const score = scoreOf(12.5, 3, 4_500, -0.25, 7, 34);
  expect(answer).toMatchObject({
    ...{
      status: PredictionStatus.PREDICTION_STATUS_MADE,
      model: 'again',
      score,
      purpose: 'personalise',
      viewVersion: 'v1',
      profileId: 'p_1',
      nowMs: BigInt(NOW),
    },
    ...{ modelVersion: expect.stringMatching(/^[0-9a-f]{64}$/), configurationVersion: configurations.of(giftBarn).version, missing: [], withheld: [] },
  });
  expect(answer.contributions.map(({ feature, input }) => [feature, input])).toEqual([
    ...[
      ['recency_days', 12.5],
      ['orders', 3],
      ['spend', 4_500],
    ],
    ...[
      ['gap_days', -0.25],
      ['traits.country', 7],
      ['age', 34],
    ],
  ]);
  const sum = answer.contributions.reduce((total, { contribution }) => total + contribution, 0);
  expect(Math.abs(sum - ((score ?? 0) - (answer.baseline ?? 0)))).toBeLessThan(1e-9);
  expect(answer.probability).toBe(1 / (1 + Math.exp(-0.7 * (score ?? 0))));
  expect(answer.value).toBe(answer.probability);
});

test('what is missing goes the way of missing values, becomes a number, or refuses, as declared', async () => {
  const lacking = { ...known, gap_days: { status: MISSING }, 'traits.country': 'FR' };
  const answer = await asked(lacking);
  expect(answer).toMatchObject({ score: scoreOf(12.5, 3, 4_500, Number.NaN, Number.NaN, 34), missing: ['gap_days', 'traits.country'] });
  expect(answer.contributions[3]).not.toHaveProperty('input', expect.anything());
  const as = (missing: 'refuse' | number) => ({ inputs: model.inputs.map((input) => (input.name === 'gap_days' ? { ...input, missing } : input)) });
  expect(await asked(lacking, as(5))).toMatchObject({ score: scoreOf(12.5, 3, 4_500, 5, Number.NaN, 34) });
  const refused = await asked(lacking, as('refuse'));
  expect(refused).toMatchObject({ status: PredictionStatus.PREDICTION_STATUS_NOT_ENOUGH_DATA, missing: ['gap_days', 'traits.country'], contributions: [] });
  expect(refused.score).toBeUndefined();
  expect(await asked({})).toMatchObject({ status: PredictionStatus.PREDICTION_STATUS_NOT_ENOUGH_DATA, missing: NAMES });
});

test('what consent does not cover refuses, or counts as missing where the model says so', async () => {
  const held = { ...known, age: { status: WITHHELD }, spend: { status: ERASED } };
  expect(await asked(held)).toMatchObject({
    status: PredictionStatus.PREDICTION_STATUS_WITHHELD,
    withheld: ['spend', 'age'],
    score: undefined,
    contributions: [],
  });
  const softer = await asked(held, { withheld: 'missing' });
  expect(softer).toMatchObject({ score: scoreOf(12.5, 3, Number.NaN, -0.25, 7, Number.NaN), withheld: ['spend', 'age'] });
  expect(await asked(Object.fromEntries(NAMES.map((name) => [name, { status: WITHHELD }])), { withheld: 'missing' })).toMatchObject({
    status: PredictionStatus.PREDICTION_STATUS_NOT_ENOUGH_DATA,
  });
});

test('a value older than the model allows counts as missing', async () => {
  const old = { ...known, spend: { old: 4_500 } };
  expect(await asked(old)).toMatchObject({ score: scoreOf(12.5, 3, 4_500, -0.25, 7, 34), stale: [] });
  expect(await asked(old, { staleAfterMs: 90 * DAY })).toMatchObject({ score: scoreOf(12.5, 3, Number.NaN, -0.25, 7, 34), stale: ['spend'], missing: [] });
  expect(await asked({ ...known, spend: { status: STALE } })).toMatchObject({
    score: scoreOf(12.5, 3, Number.NaN, -0.25, 7, 34),
    stale: ['spend'],
    missing: [],
  });
});

test('the call may name another purpose, and leave the contributions out', async () => {
  expect((await asked(known)).purposes).toEqual(['personalise']);
  const answer = await asked(known, {}, { purpose: 'marketing', scoreOnly: true, model: 'again' });
  expect(answer).toMatchObject({
    purposes: ['marketing'],
    purpose: 'marketing',
    contributions: [],
    baseline: undefined,
    score: scoreOf(12.5, 3, 4_500, -0.25, 7, 34),
  });
  expect((await asked(known, { contributions: false })).contributions).toEqual([]);
});

test('what the answer must know is waited for where the profile is read', async () => {
  const atLeast = { topic: 'attune.accepted.v1', partition: 1, offset: 7n };
  expect((await asked(known, {}, { atLeast })).waits).toEqual([atLeast]);
});

test('a model of classes tells each of them, and explains the most probable one', async () => {
  const answer = await asked(known, { file: 'lgb-classes.txt' });
  expect(answer.classes).toHaveLength(3);
  expect(answer.classes.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 12);
  const most = answer.classes[answer.mostProbable ?? -1];
  expect(Math.max(...answer.classes.map(({ probability }) => probability))).toBe(most?.probability);
  expect(answer).toMatchObject({ score: most?.score, value: most?.probability });
  const sum = answer.contributions.reduce((total, { contribution }) => total + contribution, answer.baseline ?? 0);
  expect(Math.abs(sum - (answer.score ?? 0))).toBeLessThan(1e-9);
});

test('an unknown subject, an unknown model and a call without a subject are told apart', async () => {
  await expect(asked(known, {}, { subject: { id: { $case: 'userId', value: 'nobody' } } })).rejects.toMatchObject({ code: 'SUBJECT_UNKNOWN' });
  await expect(asked(known, {}, { model: 'agian' })).rejects.toMatchObject({ code: 'REQUEST_INVALID', detail: expect.stringContaining('Did you mean again?') });
  await expect(asked(known, {}, { subject: undefined })).rejects.toMatchObject({ code: 'REQUEST_INVALID', detail: expect.stringContaining('subject') });
  const none = predict({ configuration: () => configurations.of(giftBarn), models: new Map(), getFeatures: async () => GetFeaturesResponse.fromPartial({}) });
  await expect(none('default', PredictRequest.fromPartial({}))).rejects.toMatchObject({ detail: expect.stringContaining('has no models') });
});

test('a file that is not there, is a folder, or is too large is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'attune-models-'));
  mkdirSync(join(folder, 'inside'));
  writeFileSync(join(folder, 'huge.txt'), 'tree\n');
  truncateSync(join(folder, 'huge.txt'), 64 * 1024 * 1024 + 1);
  writeFileSync(join(folder, 'words.txt'), 'hello');
  const fault = (file: string) => modelFileOf(modelFolder(folder))(file);
  expect(fault('none.txt')).toMatchObject({ kind: 'fault', fault: 'none.txt cannot be read (ENOENT).' });
  expect(fault('inside')).toMatchObject({ fault: 'inside is not a file.' });
  expect(fault('huge.txt')).toMatchObject({ fault: 'huge.txt is larger than 64 MiB.' });
  expect(fault('words.txt')).toMatchObject({ fault: 'words.txt: This is no model file that is known here.' });
  expect(() => loadModels({ models: [{ ...model, file: 'words.txt' }] }, modelFolder(folder))).toThrow(
    /CONFIGURATION_INVALID.*models\.again\.kind\.file: words\.txt/,
  );
  rmSync(folder, { recursive: true });
});
