import fc from 'fast-check';
import { expect, test } from 'vitest';
import { explainRow } from './explain-row.ts';
import { lightgbmObjective } from './objectives.ts';
import { plantTrees, type TreeTable } from './plant-trees.ts';
import { goesLeft, scoreRow } from './score-row.ts';
import { RULE, type TreeModel } from './tree-model.ts';

const FEATURES = ['a', 'b', 'c', 'd'];

/** Of a node: which feature it asks about (none: it is a leaf), its number, and what part of its rows goes left. */
interface Drawn {
  readonly feature: number;
  readonly amount: number;
  readonly part: number;
}

const drawn = fc.record({ feature: fc.integer({ min: -1, max: 3 }), amount: fc.integer({ min: -4, max: 4 }), part: fc.constantFrom(0, 0.25, 0.5, 0.9, 1) });
const tree = fc.array(drawn, { minLength: 1, maxLength: 31 }).map(tableOf);
const row = fc
  .array(fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constant(Number.NaN)), { minLength: 4, maxLength: 4 })
  .map((values) => Float64Array.from(values));

/** A heap: the children of node n are 2n + 1 and 2n + 2; where they were not drawn it is a leaf. */
function tableOf(nodes: readonly Drawn[]): TreeTable {
  const isSplit = (node: number): boolean => (nodes[node]?.feature ?? -1) >= 0 && 2 * node + 2 < nodes.length;
  const cover = nodes.map(() => 0);
  cover[0] = 64;
  for (const [node, { part }] of nodes.entries()) {
    if (!isSplit(node)) continue;
    cover[2 * node + 1] = (cover[node] ?? 0) * part;
    cover[2 * node + 2] = (cover[node] ?? 0) * (1 - part);
  }
  return {
    feature: nodes.map(({ feature }, node) => (isSplit(node) ? feature : -1)),
    left: nodes.map((_, node) => 2 * node + 1),
    right: nodes.map((_, node) => 2 * node + 2),
    amount: nodes.map(({ amount }) => amount),
    rule: nodes.map(({ amount }) => RULE.missingNaN | (amount > 0 ? RULE.defaultLeft : 0)),
    cover,
    words: new Map(),
  };
}

const planted = (tables: readonly TreeTable[]): TreeModel =>
  plantTrees(
    {
      library: 'lightgbm',
      features: FEATURES,
      categories: [],
      objective: lightgbmObjective('regression'),
      outputs: 1,
      averagedOver: 1,
      single: false,
      base: new Float64Array(1),
    },
    tables,
  );

/** What is expected of a tree when only these features are known: the definition that TreeSHAP is a fast way to. */
function expectedWhen(model: TreeModel, node: number, known: ReadonlySet<number>, values: Float64Array): number {
  const asked = model.feature[node] ?? -1;
  if (asked === -1) return model.amount[node] ?? 0;
  const [left = 0, right = 0] = [model.left[node], model.right[node]];
  if (known.has(asked)) return expectedWhen(model, goesLeft(model, node, values[asked] ?? 0) ? left : right, known, values);
  const side = (child: number): number => (model.share[child] ?? 0) * expectedWhen(model, child, known, values);
  return side(left) + side(right);
}

/** The Shapley value of a feature: over all orders, what knowing it adds to what is known before it. */
function shapley(model: TreeModel, feature: number, values: Float64Array): number {
  const others = FEATURES.map((_, i) => i).filter((i) => i !== feature);
  let sum = 0;
  for (let mask = 0; mask < 8; mask++) {
    const known = new Set(others.filter((_, i) => (mask & (1 << i)) !== 0));
    const weight = [1 / 4, 1 / 12, 1 / 12, 1 / 4][known.size] ?? 0;
    for (const root of model.roots)
      sum += weight * (expectedWhen(model, root, new Set([...known, feature]), values) - expectedWhen(model, root, known, values));
  }
  return sum;
}

test('contributions are the Shapley values by their definition, and add up', () => {
  fc.assert(
    fc.property(fc.array(tree, { minLength: 1, maxLength: 3 }), row, (tables, values) => {
      const model = planted(tables);
      const [told] = explainRow(model, values);
      const { contributions, baseline, score } = told ?? { contributions: new Float64Array(4), baseline: 0, score: 0 };
      const none = new Set<number>();
      expect(score).toBe(scoreRow(model, values)[0]);
      expect(baseline).toBeCloseTo(
        [...model.roots].reduce((sum, root) => sum + expectedWhen(model, root, none, values), 0),
        9,
      );
      for (const feature of [0, 1, 2, 3]) expect(contributions[feature]).toBeCloseTo(shapley(model, feature, values), 9);
      expect(Math.abs(contributions.reduce((a, b) => a + b, baseline) - score)).toBeLessThan(1e-9);
    }),
    { numRuns: 150 },
  );
});

test('a deep tree that asks about one feature again and again is explained in full', () => {
  const levels = 200;
  const nodes = Array.from({ length: levels }, (_, i) => ({ split: 2 * i, leaf: 2 * i + 1 }));
  const last = 2 * levels;
  const table: TreeTable = {
    feature: [...nodes.flatMap((_, i) => [i % 4, -1]), -1],
    left: [...nodes.flatMap(({ leaf }) => [leaf, -1]), -1],
    right: [...nodes.flatMap(({ split }) => [split + 2, -1]), -1],
    amount: [...nodes.flatMap((_, i) => [i, i]), levels],
    rule: Array.from({ length: last + 1 }, () => RULE.missingNaN),
    cover: [...nodes.flatMap((_, i) => [levels + 1 - i, 1]), 1],
    words: new Map(),
  };
  const model = planted([table]);
  expect(model.depth).toBe(levels);
  const [told] = explainRow(model, Float64Array.of(150.5, 500, 500, 500));
  expect(told?.score).toBe(152);
  expect(Math.abs((told?.contributions ?? new Float64Array(4)).reduce((a, b) => a + b, told?.baseline ?? 0) - 152)).toBeLessThan(1e-9);
});
