import { ModelFault, SAVE_AGAIN } from './model-fault.ts';
import { MODEL_MAX, RULE, type TreeModel } from './tree-model.ts';

/** One tree as its file has it, a row a node; node 0 is the root. */
export interface TreeTable {
  /** -1 for a leaf. */
  readonly feature: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  /** The threshold of a numeric split, or the value of a leaf. */
  readonly amount: readonly number[];
  readonly rule: readonly number[];
  /** How much of the training rows came by. */
  readonly cover: readonly number[];
  /** The categories that go left, in words of 32 bits, by node. */
  readonly words: ReadonlyMap<number, readonly number[]>;
}

/** What a file says beside its trees. */
export type Described = Pick<TreeModel, 'library' | 'features' | 'categories' | 'objective' | 'outputs' | 'averagedOver' | 'single' | 'base'>;

interface Grown {
  readonly feature: number[];
  readonly left: number[];
  readonly right: number[];
  readonly amount: number[];
  readonly rule: number[];
  readonly share: number[];
  readonly wordAt: number[];
  readonly words: number[];
  explainSteps: number;
  depth: number;
}

/** Puts trees into flat arrays, from each root down. Trees count towards the scores in turn unless `outputOf` says otherwise. @throws ModelFault for a tree that is none */
export function plantTrees(described: Described, tables: readonly TreeTable[], outputOf?: readonly number[]): TreeModel {
  const { features, outputs, base } = described;
  if (features.length > MODEL_MAX.features)
    throw new ModelFault(`The model reads ${features.length} features; ${MODEL_MAX.features} is the most.`, 'Train it on fewer.');
  if (tables.length > MODEL_MAX.trees)
    throw new ModelFault(`The model has ${tables.length} trees; ${MODEL_MAX.trees} is the most.`, 'Train fewer, with a larger learning rate.');
  const grown: Grown = { feature: [], left: [], right: [], amount: [], rule: [], share: [], wordAt: [0], words: [], explainSteps: 0, depth: 0 };
  const roots = tables.map((table, tree) => plant(grown, table, { tree, features: features.length }));
  const output = Int32Array.from(tables, (_, tree) => outputOf?.[tree] ?? tree % outputs);
  const means = meansOf(grown);
  const expected = Float64Array.from(base);
  for (const [tree, root] of roots.entries()) expected[output[tree] ?? 0] = (expected[output[tree] ?? 0] ?? 0) + (means[root] ?? 0);
  return {
    ...described,
    categorical: categoricalIn(grown, features.length),
    roots: Int32Array.from(roots),
    outputOf: output,
    feature: Int32Array.from(grown.feature),
    left: Int32Array.from(grown.left),
    right: Int32Array.from(grown.right),
    amount: Float64Array.from(grown.amount),
    rule: Uint8Array.from(grown.rule),
    share: Float64Array.from(grown.share),
    wordAt: Int32Array.from(grown.wordAt),
    words: Uint32Array.from(grown.words),
    expected,
    depth: grown.depth,
    explainSteps: grown.explainSteps,
  };
}

interface Place {
  readonly tree: number;
  readonly features: number;
}

/** A node that waits to be planted: which one, below which planted one, on which side, how deep. */
interface Waiting {
  readonly node: number;
  readonly below: number;
  readonly side: 'left' | 'right';
  readonly depth: number;
  readonly share: number;
}

function plant(grown: Grown, table: TreeTable, place: Place): number {
  const root = grown.feature.length;
  const seen = new Uint8Array(table.feature.length);
  const waiting: Waiting[] = [{ node: 0, below: -1, side: 'left', depth: 0, share: 1 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    checkPlace(next, seen, place);
    seen[next.node] = 1;
    const own = addNode(grown, table, next, place);
    if (next.below >= 0) grown[next.side][next.below] = own;
    const { node, depth } = next;
    if (table.feature[node] === -1) {
      grown.depth = Math.max(grown.depth, depth);
      grown.explainSteps += depth * depth;
      continue;
    }
    const below = (side: 'left' | 'right'): Waiting => {
      const child = table[side][node] ?? -1;
      return { node: child, below: own, side, depth: depth + 1, share: shareOf(table.cover[child], table.cover[node]) };
    };
    waiting.push(below('right'), below('left'));
  }
  return root;
}

/** Where no row came by there is nothing to divide: both sides get half. */
const shareOf = (child = 0, parent = 0): number => (parent > 0 ? child / parent : 0.5);

function checkPlace({ node, depth }: Waiting, seen: Uint8Array, { tree }: Place): void {
  if (!Number.isInteger(node) || node < 0 || node >= seen.length)
    throw new ModelFault(`Tree ${tree} names the node ${node}, which it does not have.`, SAVE_AGAIN);
  if (seen[node] === 1) throw new ModelFault(`Tree ${tree} comes to its node ${node} on two ways: it is no tree.`, SAVE_AGAIN);
  if (depth > MODEL_MAX.depth) throw new ModelFault(`Tree ${tree} is deeper than ${MODEL_MAX.depth} levels.`, 'Train with a smaller max_depth.');
}

function addNode(grown: Grown, table: TreeTable, { node, share }: Waiting, { tree, features }: Place): number {
  const [feature = -1, amount = Number.NaN, cover = Number.NaN] = [table.feature[node], table.amount[node], table.cover[node]];
  const where = `tree ${tree}, node ${node}`;
  if (feature < -1 || feature >= features || !Number.isInteger(feature))
    throw new ModelFault(`A split (${where}) asks about feature ${feature}; there are ${features}.`, SAVE_AGAIN);
  const isThreshold = feature >= 0 && !table.words.has(node);
  if (Number.isNaN(amount) || (feature === -1 && !Number.isFinite(amount)))
    throw new ModelFault(`A ${isThreshold ? 'threshold' : 'leaf'} (${where}) is ${amount}, not a number.`, SAVE_AGAIN);
  if (!(cover >= 0)) throw new ModelFault(`A count of rows (${where}) is ${cover}.`, SAVE_AGAIN);
  grown.words.push(...(table.words.get(node) ?? []));
  if (grown.feature.length >= MODEL_MAX.nodes || grown.words.length > MODEL_MAX.words)
    throw new ModelFault(`The model has more than ${MODEL_MAX.nodes} nodes.`, 'Train fewer trees, or smaller ones.');
  grown.feature.push(feature);
  grown.left.push(-1);
  grown.right.push(-1);
  grown.amount.push(amount);
  grown.rule.push(table.rule[node] ?? 0);
  grown.share.push(share);
  return grown.wordAt.push(grown.words.length) - 2;
}

function categoricalIn({ feature, rule }: Grown, features: number): boolean[] {
  const categorical = Array.from({ length: features }, () => false);
  for (const [node, asked] of feature.entries()) if (asked >= 0 && ((rule[node] ?? 0) & RULE.categorical) !== 0) categorical[asked] = true;
  return categorical;
}

/** What is expected at each node: of a leaf its value, else what is expected at its children, weighed by their shares. */
function meansOf({ feature, left, right, amount, share }: Grown): Float64Array {
  const means = new Float64Array(feature.length);
  for (let node = feature.length - 1; node >= 0; node--) {
    const [a, b] = [left[node] ?? -1, right[node] ?? -1];
    means[node] = feature[node] === -1 ? (amount[node] ?? 0) : (share[a] ?? 0) * (means[a] ?? 0) + (share[b] ?? 0) * (means[b] ?? 0);
  }
  return means;
}
