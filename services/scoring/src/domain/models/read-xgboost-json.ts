import { finite, list, ModelFault, mapping, SAVE_AGAIN, shown, whole } from './model-fault.ts';
import { type Objective, xgboostObjective } from './objectives.ts';
import { plantTrees, type TreeTable } from './plant-trees.ts';
import { bitsOf } from './read-lightgbm-json.ts';
import { MODEL_MAX, RULE, type TreeModel } from './tree-model.ts';

type Written = Readonly<Record<string, unknown>>;

/** An XGBoost model as `save_model('….json')` writes it (doc/model.schema and `RegTree::LoadModel` in src/tree/tree_model.cc). @throws ModelFault */
export function readXgboostJson(file: Written): TreeModel {
  const learner = mapping(file['learner'], 'learner');
  const params = mapping(learner['learner_model_param'], 'learner_model_param');
  const booster = mapping(learner['gradient_booster'], 'gradient_booster');
  if (booster['name'] !== 'gbtree')
    throw new ModelFault(`The booster is ${shown(booster['name'])}; gbtree is the one that is read here.`, 'Train with booster=gbtree.');
  if (Number(params['num_target'] ?? 1) > 1) throw new ModelFault('The model has several targets.', 'Train one model a target.');
  const model = mapping(booster['model'], 'gradient_booster.model');
  const trees = list(model['trees'], 'trees');
  const said = whole(mapping(model['gbtree_model_param'], 'gbtree_model_param')['num_trees'], 'num_trees', MODEL_MAX.trees);
  if (trees.length !== said) throw new ModelFault(`The file has ${trees.length} of its ${said} trees.`, SAVE_AGAIN);
  if (said === 0) throw new ModelFault('The model has no trees.', 'Train at least one round.');
  const objective = xgboostObjective(String(mapping(learner['objective'], 'objective')['name'] ?? ''));
  const outputs = Math.max(1, whole(params['num_class'], 'num_class', 10_000));
  const groups = list(model['tree_info'], 'tree_info', said).map((group) => whole(group, 'tree_info', outputs - 1));
  return plantTrees(
    {
      library: 'xgboost',
      categories: [],
      features: namesOf(learner, params),
      objective,
      outputs,
      averagedOver: 1,
      single: true,
      base: baseOf(params, objective, outputs),
    },
    trees.map((tree, number) => tableOf(mapping(tree, `tree ${number}`), number)),
    groups,
  );
}

function namesOf(learner: Written, params: Written): readonly string[] {
  const count = whole(params['num_feature'], 'num_feature', 1_000_000);
  const names = list(learner['feature_names'] ?? [], 'feature_names');
  return names.length === 0 ? Array.from({ length: Math.min(count, MODEL_MAX.features + 1) }, () => '') : list(names, 'feature_names', count).map(String);
}

/** `ProbToMargin` of the objective: base_score is written as a value, sums begin with what gives that value. Newer files write a list. */
function baseOf(params: Written, { link }: Objective, outputs: number): Float64Array {
  const written = String(params['base_score'] ?? '')
    .replaceAll(/[[\]]/g, '')
    .split(',');
  if (written.length !== 1 && written.length !== outputs) throw new ModelFault(`base_score has ${written.length} numbers for ${outputs} scores.`, SAVE_AGAIN);
  const isLogistic = link === 'sigmoid';
  return Float64Array.from({ length: outputs }, (_, output) => {
    const base = Math.fround(finite(written[written.length === 1 ? 0 : output], 'base_score'));
    if (isLogistic) return Math.fround(-Math.fround(Math.log(Math.fround(Math.fround(1 / base) - 1))));
    return link === 'exp' ? Math.fround(Math.log(base)) : base;
  });
}

function tableOf(tree: Written, number: number): TreeTable {
  const params = mapping(tree['tree_param'], `tree_param of tree ${number}`);
  const size = whole(params['num_nodes'], `num_nodes of tree ${number}`, MODEL_MAX.nodes);
  if (size === 0) throw new ModelFault(`Tree ${number} has no nodes.`, SAVE_AGAIN);
  if (Number(params['size_leaf_vector'] ?? 1) > 1)
    throw new ModelFault(`Tree ${number} has a vector in each leaf.`, 'Train with multi_strategy=one_output_per_tree.');
  const numbers = (key: string): number[] => list(tree[key], `${key} of tree ${number}`, size).map((one) => finite(Number(one), `${key} of tree ${number}`));
  const [left, right, conditions, types] = [numbers('left_children'), numbers('right_children'), numbers('split_conditions'), numbers('split_type')];
  const [indices, toTheLeft] = [numbers('split_indices'), numbers('default_left')];
  const isLeaf = left.map((child) => child === -1);
  const isCategorical = types.map((type, node) => type === 1 && !isLeaf[node]);
  const words = categoriesOf(tree, number);
  for (const [node, is] of isCategorical.entries())
    if (is && !words.has(node)) throw new ModelFault(`Tree ${number} has no categories for its node ${node}.`, SAVE_AGAIN);
  return {
    feature: indices.map((feature, node) => (isLeaf[node] ? -1 : feature)),
    // XGBoost sends the categories of a split to the right.
    left: left.map((child, node) => (isCategorical[node] ? (right[node] ?? -1) : child)),
    right: right.map((child, node) => (isCategorical[node] ? (left[node] ?? -1) : child)),
    amount: conditions.map((condition, node) => (isLeaf[node] ? Math.fround(condition) : float32Below(condition))),
    rule: toTheLeft.map((isLeft, node) => ruleOf(isLeft === 1, isCategorical[node] === true)),
    cover: numbers('sum_hessian').map(Math.fround),
    words,
  };
}

const ruleOf = (toTheLeft: boolean, isCategorical: boolean): number =>
  RULE.missingNaN | (isCategorical ? RULE.categorical : 0) | (toTheLeft !== isCategorical ? RULE.defaultLeft : 0);

/** Of the categories of all splits each node has a stretch. */
function categoriesOf(tree: Written, number: number): Map<number, readonly number[]> {
  const nodes = list(tree['categories_nodes'] ?? [], `categories_nodes of tree ${number}`);
  const all = list(tree['categories'] ?? [], `categories of tree ${number}`);
  const at = (key: string): readonly number[] =>
    list(tree[key] ?? [], `${key} of tree ${number}`, nodes.length).map((one) => whole(one, `${key} of tree ${number}`, all.length));
  const [segments, sizes] = [at('categories_segments'), at('categories_sizes')];
  return new Map(
    nodes.map((node, i) => {
      const [from = 0, size = 0] = [segments[i], sizes[i]];
      if (from + size > all.length) throw new ModelFault(`The categories of tree ${number} end before its node ${shown(node)} has all of its own.`, SAVE_AGAIN);
      return [whole(node, `categories_nodes of tree ${number}`, MODEL_MAX.nodes), bitsOf(all.slice(from, from + size), `tree ${number}, node ${shown(node)}`)];
    }),
  );
}

/** The largest float32 below a threshold: of float32 `x < t` is `x <= float32Below(t)`. */
export function float32Below(threshold: number): number {
  const float = new Float32Array([threshold]);
  const bits = new Int32Array(float.buffer);
  if (float[0] === 0) return -1.401298464324817e-45;
  bits[0] = (bits[0] as number) + ((float[0] as number) > 0 ? -1 : 1);
  return float[0] as number;
}
