import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fileOf, modelOf } from '../../flows/expected-scores.fixture.ts';
import { readTreeModel } from './read-tree-model.ts';
import { float32Below } from './read-xgboost-json.ts';
import { scoreRow } from './score-row.ts';
import { MODEL_MAX } from './tree-model.ts';

const text = fileOf('lgb-binary.txt');
const dump = fileOf('lgb-binary.json');
const xgb = fileOf('xgb-binary.json');

/** The fault of a file. */
function faultOf(file: string): string {
  const read = readTreeModel(file);
  if (read.kind === 'model') throw new Error('it was read');
  expect(read.fix).not.toBe('');
  return `${read.fault} → ${read.fix}`;
}

/** The file with something else in the first line that begins so. */
function withLine(start: string, change: (rest: string) => string): string {
  const at = text.indexOf(`\n${start}`) + 1 + start.length;
  const end = text.indexOf('\n', at);
  return text.slice(0, at) + change(text.slice(at, end)) + text.slice(end);
}

/** The model of XGBoost with its first tree changed. */
function withTree(change: (tree: Record<string, number[]>) => void): string {
  const file = JSON.parse(xgb) as { learner: { gradient_booster: { model: { trees: [Record<string, number[]>] } } } };
  change(file.learner.gradient_booster.model.trees[0]);
  return JSON.stringify(file);
}

const put =
  (key: string, at: number, value: number) =>
  (tree: Record<string, number[]>): void => {
    (tree[key] ?? [])[at] = value;
  };

test('a file that was cut is refused wherever the cut is', () => {
  for (let part = 1; part < 40; part++) {
    expect(faultOf(text.slice(0, Math.floor((text.indexOf('end of trees') * part) / 40)))).toMatch(/ends before its trees do/);
    expect(faultOf(dump.slice(0, Math.floor((dump.length * part) / 40)))).toMatch(/was cut/);
    expect(faultOf(xgb.slice(0, Math.floor((xgb.length * part) / 40)))).toMatch(/was cut/);
  }
  expect(faultOf(text.replace(/\nTree=7\n[\s\S]*?(?=\nTree=8\n)/, ''))).toBe(
    'The file has 19 of its 20 trees. → Save the model again with the library, and copy the whole file.',
  );
});

test('an objective that is not known is named, with those that are', () => {
  expect(faultOf(text.replace('objective=binary sigmoid:0.7', 'objective=my_own'))).toMatch(
    /^The objective my_own is not known here\. → Train with one of regression, /,
  );
  expect(faultOf(text.replace('objective=binary sigmoid:0.7\n', ''))).toMatch(/names no objective/);
  expect(faultOf(text.replace('sigmoid:0.7', 'sigmoid:-1'))).toMatch(/sigmoid/);
  expect(faultOf(xgb.replace('"binary:logistic"', '"survival:aft"'))).toMatch(/survival:aft is not known here/);
  expect(faultOf(xgb.replace('"constructor"', '').replace('"binary:logistic"', '"constructor"'))).toMatch(/constructor is not known here/);
});

test('a threshold or leaf that is no number is refused with its place', () => {
  expect(faultOf(withLine('threshold=', (rest) => rest.replace(/^\S+/, 'nan')))).toMatch(/^threshold of tree 0 is nan, not a finite number/);
  expect(faultOf(withLine('leaf_value=', (rest) => rest.replace(/\S+$/, 'inf')))).toMatch(/^A leaf \(tree 0, node \d+\) is Infinity/);
  expect(faultOf(dump.replace(/"threshold":-?\d+\.\d+/, '"threshold":NaN'))).toMatch(/not whole JSON/);
  expect(faultOf(dump.replace(/"threshold":-?\d+\.\d+/, '"threshold":null'))).toMatch(/A threshold \(tree 0, node \d+\) is null/);
  expect(faultOf(xgb.replace(/"split_conditions":\[[^,]+/, '"split_conditions":["nan"'))).toMatch(/split_conditions of tree 0 is NaN/);
});

test('children that lead in a circle, twice to one node, or nowhere are refused', () => {
  expect(faultOf(withLine('left_child=', (rest) => rest.replace(/^\S+/, '0')))).toMatch(/^Tree 0 comes to its node 0 on two ways/);
  expect(faultOf(withLine('right_child=', (rest) => rest.replace(/^\S+/, '99')))).toMatch(/^Tree 0 /);
  expect(faultOf(withLine('right_child=', (rest) => rest.replace(/^\S+/, '-500')))).toMatch(/^Tree 0 names the node 510, which it does not have/);
  expect(faultOf(withTree(put('left_children', 0, 0)))).toMatch(/^Tree 0 comes to its node 0 on two ways/);
  expect(faultOf(withTree(put('right_children', 0, 1)))).toMatch(/^Tree 0 comes to its node 1 on two ways/);
  expect(faultOf(withTree(put('right_children', 0, 1_000_000)))).toMatch(/^Tree 0 names the node 1000000/);
  expect(faultOf(withTree(put('right_children', 0, 1.5)))).toMatch(/^Tree 0 names the node 1.5/);
});

test('a split about a feature that the model does not have is refused', () => {
  expect(faultOf(withLine('split_feature=', (rest) => rest.replace(/^\S+/, '6')))).toMatch(/asks about feature 6; there are 6/);
  expect(faultOf(withTree(put('split_indices', 0, -3)))).toMatch(/asks about feature -3/);
});

test('categories that are missing, too many or out of bounds are refused', () => {
  expect(faultOf(text.replace(/\ncat_threshold=\S+ ?/, '\ncat_threshold='))).toMatch(/of cat_threshold/);
  expect(faultOf(dump.replace(/"threshold":"\d+/, '"threshold":"4000000000'))).toMatch(/A category \(tree \d+, node \d+\) is 4000000000/);
  expect(faultOf(withTree((tree) => put('categories_sizes', 0, 10_000)(tree)))).toMatch(/categories_sizes of tree 0/);
});

test('a model larger than what is read is refused', () => {
  expect(faultOf(' '.repeat(MODEL_MAX.characters + 1))).toMatch(/larger than 64 MiB/);
  const names = Array.from({ length: 201 }, (_, i) => `f${i}`).join(' ');
  expect(faultOf(text.replace('max_feature_idx=5', 'max_feature_idx=200').replace(/\nfeature_names=.*/, `\nfeature_names=${names}`))).toMatch(
    /reads 201 features; 200 is the most/,
  );
  const deep = `${'{"split_feature":0,"internal_count":1,"missing_type":"NaN","decision_type":"<=","threshold":1,"right_child":{"leaf_value":1,"leaf_count":1},"left_child":'.repeat(300)}{"leaf_value":1,"leaf_count":1}${'}'.repeat(300)}`;
  expect(faultOf(`{"feature_names":["a"],"objective":"regression","num_tree_per_iteration":1,"tree_info":[{"tree_structure":${deep}}]}`)).toMatch(
    /^Tree 0 is deeper than 256 levels\. → Train with a smaller max_depth\.$/,
  );
});

test('models of a kind that is not read say which', () => {
  expect(faultOf(text.replace('is_linear=0', 'is_linear=1'))).toMatch(/linear_tree=false/);
  expect(faultOf(xgb.replace('"name":"gbtree"', '"name":"dart"'))).toMatch(/booster=gbtree/);
  expect(faultOf('hello')).toMatch(/no model file that is known here/);
  expect(faultOf('{}')).toMatch(/neither a dump of LightGBM/);
  expect(faultOf('[]')).toMatch(/no model file/);
  expect(faultOf('{"learner":[]}')).toMatch(/learner is not a mapping/);
});

test('a changed byte is read or refused, and never breaks the reader or the walk', () => {
  const row = Float64Array.of(1, 2, 3, Number.NaN, 5, 6);
  fc.assert(
    fc.property(fc.constantFrom(text, dump, xgb), fc.nat(), fc.constantFrom('0', '-', '9', '"', ' ', ',', '[', 'e', 'NaN', '\n'), (file, at, put) => {
      const place = at % file.length;
      const read = readTreeModel(file.slice(0, place) + put + file.slice(place + 1));
      if (read.kind === 'model') expect(scoreRow(read.model, row).length).toBe(read.model.outputs);
    }),
    { numRuns: 150 },
  );
});

test('the categories of a pandas frame are told with their codes', () => {
  const categoriesOf = (file: string) => {
    const read = readTreeModel(file);
    return read.kind === 'model' ? read.model.categories : read.fault;
  };
  expect(categoriesOf(text)).toEqual([]);
  expect(categoriesOf(text.replace('pandas_categorical:null', 'pandas_categorical:[["DE", "GB"], [1, 2]]'))).toEqual([
    ['DE', 'GB'],
    ['1', '2'],
  ]);
  expect(categoriesOf(dump.replace('"pandas_categorical":null', '"pandas_categorical":[["DE"]]'))).toEqual([['DE']]);
  expect(categoriesOf(text.replace('pandas_categorical:null', 'pandas_categorical:[["DE"'))).toMatch(/not whole JSON/);
});

test('line ends of another system change nothing', () => {
  const read = readTreeModel(text.replaceAll('\n', '\r\n'));
  expect(read).toEqual({ kind: 'model', model: modelOf('lgb-binary.txt') });
});

test('a tree of one leaf gives its value to every row', () => {
  const read = readTreeModel(
    'tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=0\nobjective=regression\nfeature_names=a\ntree_sizes=1\n\nTree=0\nnum_leaves=1\nnum_cat=0\nleaf_value=2.5\nis_linear=0\nshrinkage=1\n\n\nend of trees\n',
  );
  expect(read.kind === 'model' && scoreRow(read.model, Float64Array.of(Number.NaN))).toEqual(Float64Array.of(2.5));
});

test('the float32 below a threshold is the next one', () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.float({ noNaN: true }), (threshold, value) => {
      expect(value <= float32Below(threshold)).toBe(value < threshold);
      expect(float32Below(threshold) < threshold).toBe(true);
    }),
  );
});
