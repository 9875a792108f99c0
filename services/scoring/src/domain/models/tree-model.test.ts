import { sealed } from '@attune/testing/laws/sealed';
import { expect, test } from 'vitest';
import { EVERY, expectedOf, hashOf, modelOf, rowsOfTable } from '../../flows/expected-scores.fixture.ts';
import { explainRow } from './explain-row.ts';
import { predictRow } from './predict-row.ts';
import { scoreRow } from './score-row.ts';

const rows = rowsOfTable();
const told = rows.filter((_, row) => row % EVERY === 0);
const lightgbm = [
  ['lgb-binary.txt', 'lgb-binary'],
  ['lgb-binary.json', 'lgb-binary'],
  ['lgb-zero.txt', 'lgb-zero'],
  ['lgb-none.txt', 'lgb-none'],
  ['lgb-none.json', 'lgb-none'],
  ['lgb-classes.txt', 'lgb-classes'],
  ['lgb-forest.txt', 'lgb-forest'],
] as const;
const xgboost = [
  ['xgb-binary.json', 'xgb-binary'],
  ['xgb-amount.json', 'xgb-amount'],
  ['xgb-classes.json', 'xgb-classes'],
  ['xgb-margin.json', 'xgb-margin'],
  ['xgb-plain.json', 'xgb-plain'],
] as const;

test.each([...lightgbm, ...xgboost])('%s scores every row as its library does, bit for bit', (file, name) => {
  const model = modelOf(file);
  const { outputs, sha256, raw } = expectedOf(name);
  expect(model.outputs).toBe(outputs);
  const scores = new Float64Array(rows.flatMap((row) => [...scoreRow(model, row)]));
  expect(scores.filter((_, i) => Math.floor(i / outputs) % EVERY === 0)).toEqual(raw);
  expect(hashOf(scores)).toBe(sha256);
});

test.each([...lightgbm, ...xgboost])('%s gives the values of its objective', (file, name) => {
  const model = modelOf(file);
  const { value } = expectedOf(name);
  const values = told.flatMap((row) => {
    const { value: one, classes } = predictRow(model, row, { explained: false });
    return classes.length > 0 ? classes.map(({ probability }) => probability) : [one];
  });
  const off = values.map((own, i) => Math.abs(own - (value[i] ?? 0)) / Math.max(1, own));
  expect(Math.max(...off)).toBeLessThan(model.single ? 1e-6 : 1e-12);
});

test.each([...lightgbm, ...xgboost])('%s explains a row as the SHAP values of its library do', (file, name) => {
  const model = modelOf(file);
  const { contributions } = expectedOf(name);
  const own = told.flatMap((row) => explainRow(model, row).flatMap((one) => [...one.contributions, one.baseline]));
  expect(own.length).toBe(contributions.length);
  // XGBoost works its own out in float32.
  expect(Math.max(...own.map((one, i) => Math.abs(one - (contributions[i] ?? 0))))).toBeLessThan(model.single ? 1e-5 : 1e-9);
});

test.each([...lightgbm, ...xgboost])('what %s says of a row adds up to its score', (file) => {
  const model = modelOf(file);
  const off = told.flatMap((row) =>
    explainRow(model, row).map(({ score, baseline, contributions }) => contributions.reduce((a, b) => a + b, baseline) - score),
  );
  expect(Math.max(...off.map(Math.abs))).toBeLessThan(1e-9);
});

test('scoring and explaining are pure', () => {
  for (const file of ['lgb-classes.txt', 'xgb-binary.json']) {
    const given = (): [ReturnType<typeof modelOf>, Float64Array] => [modelOf(file), Float64Array.from(rows[1] ?? [])];
    sealed({ call: scoreRow, given });
    sealed({ call: explainRow, given });
  }
});
