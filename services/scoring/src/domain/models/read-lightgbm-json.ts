import { finite, list, ModelFault, mapping, SAVE_AGAIN, shown, whole } from './model-fault.ts';
import { plantTrees, type TreeTable } from './plant-trees.ts';
import { categoriesIn, lightgbmHead } from './read-lightgbm-text.ts';
import { MODEL_MAX, RULE, type TreeModel } from './tree-model.ts';

type Written = Readonly<Record<string, unknown>>;

/** A LightGBM model as `dump_model` gives it (`Tree::NodeToJSON` in src/io/tree.cpp): nodes within nodes. @throws ModelFault */
export function readLightgbmJson(dump: Written): TreeModel {
  const trees = list(dump['tree_info'], 'tree_info');
  if (trees.length === 0) throw new ModelFault('The model has no trees.', 'Train at least one round.');
  const head = lightgbmHead({
    features: list(dump['feature_names'], 'feature_names').map(String),
    objective: typeof dump['objective'] === 'string' ? dump['objective'] : '',
    perIteration: dump['num_tree_per_iteration'],
    isAveraged: dump['average_output'] === true,
    trees: trees.length,
  });
  return plantTrees(
    { ...head, categories: categoriesIn(dump['pandas_categorical']) },
    trees.map((tree, number) => tableOf(mapping(mapping(tree, `tree ${number}`)['tree_structure'], `tree_structure of tree ${number}`), number)),
  );
}

interface Growing extends TreeTable {
  readonly feature: number[];
  readonly left: number[];
  readonly right: number[];
  readonly amount: number[];
  readonly rule: number[];
  readonly cover: number[];
  readonly words: Map<number, readonly number[]>;
}

function tableOf(root: Written, number: number): TreeTable {
  const table: Growing = { feature: [], left: [], right: [], amount: [], rule: [], cover: [], words: new Map() };
  const waiting: { readonly written: unknown; readonly below: number; readonly side: 'left' | 'right' }[] = [{ written: root, below: -1, side: 'left' }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const where = `tree ${number}, node ${table.feature.length}`;
    const written = mapping(next.written, `A child (${where})`);
    const own = written['split_feature'] === undefined ? addLeaf(table, written, where) : addSplit(table, written, where);
    if (next.below >= 0) table[next.side][next.below] = own;
    if (own > MODEL_MAX.nodes) throw new ModelFault(`Tree ${number} has more than ${MODEL_MAX.nodes} nodes.`, 'Train smaller trees.');
    if (table.feature[own] === -1) continue;
    waiting.push({ written: written['right_child'], below: own, side: 'right' }, { written: written['left_child'], below: own, side: 'left' });
  }
  return table;
}

function addLeaf(table: Growing, leaf: Written, where: string): number {
  if (leaf['leaf_coeff'] !== undefined || leaf['leaf_const'] !== undefined)
    throw new ModelFault(`A leaf (${where}) holds a linear model.`, 'Train with linear_tree=false; those are not read here.');
  const amount = finite(leaf['leaf_value'], `A leaf (${where})`);
  // A tree of one leaf says no count.
  return add(table, { feature: -1, amount, rule: 0, cover: finite(leaf['leaf_count'] ?? 1, `leaf_count (${where})`) });
}

function addSplit(table: Growing, split: Written, where: string): number {
  const feature = whole(split['split_feature'], `split_feature (${where})`, MODEL_MAX.category);
  const cover = finite(split['internal_count'], `internal_count (${where})`);
  const missing = missingTypes.get(split['missing_type']);
  if (missing === undefined) throw new ModelFault(`missing_type (${where}) is ${shown(split['missing_type'])}.`, SAVE_AGAIN);
  if (split['decision_type'] === '==') {
    const own = add(table, { feature, amount: 0, rule: RULE.categorical | missing, cover });
    table.words.set(own, bitsOf(String(split['threshold']).split('||'), where));
    return own;
  }
  if (split['decision_type'] !== '<=') throw new ModelFault(`decision_type (${where}) is ${shown(split['decision_type'])}.`, SAVE_AGAIN);
  const rule = missing | (split['default_left'] === true ? RULE.defaultLeft : 0);
  return add(table, { feature, amount: finite(split['threshold'], `A threshold (${where})`), rule, cover });
}

const missingTypes: ReadonlyMap<unknown, number> = new Map([
  ['None', 0],
  ['Zero', RULE.missingZero],
  ['NaN', RULE.missingNaN],
]);

interface Node {
  readonly feature: number;
  readonly amount: number;
  readonly rule: number;
  readonly cover: number;
}

function add(table: Growing, { feature, amount, rule, cover }: Node): number {
  table.left.push(-1);
  table.right.push(-1);
  table.amount.push(amount);
  table.rule.push(rule);
  table.cover.push(cover);
  return table.feature.push(feature) - 1;
}

/** Categories as bits, 32 a word. @throws ModelFault for one that is no whole number or is too large */
export function bitsOf(categories: readonly unknown[], where: string): number[] {
  const codes = categories.map((one) => whole(one, `A category (${where})`, MODEL_MAX.category));
  const words = Array.from({ length: (codes.reduce((a, b) => Math.max(a, b), 0) >>> 5) + 1 }, () => 0);
  for (const code of codes) words[code >>> 5] = ((words[code >>> 5] ?? 0) | (1 << (code & 31))) >>> 0;
  return words;
}
