import { finite, list, ModelFault, SAVE_AGAIN, shown, whole } from './model-fault.ts';
import { lightgbmObjective } from './objectives.ts';
import { plantTrees, type TreeTable } from './plant-trees.ts';
import { MODEL_MAX, RULE, type TreeModel } from './tree-model.ts';

/** Lines `key=value` by key. */
type Section = ReadonlyMap<string, string>;

/**
 * A LightGBM model as `save_model` writes it (`GBDT::LoadModelFromString` in src/boosting/gbdt_model_text.cpp, `Tree::Tree(const char*, …)` in
 * src/io/tree.cpp): a head, a section a tree, and `end of trees`. @throws ModelFault
 */
export function readLightgbmText(text: string): TreeModel {
  const end = text.indexOf('\nend of trees');
  if (end < 0) throw new ModelFault('The file ends before its trees do: there is no line “end of trees”.', SAVE_AGAIN);
  const [head = '', ...trees] = text.slice(0, end).split(/\nTree=\d+\n/);
  const section = sectionOf(head);
  const said = section.get('tree_sizes')?.trim().split(/\s+/).length;
  if (said !== undefined && said !== trees.length) throw new ModelFault(`The file has ${trees.length} of its ${said} trees.`, SAVE_AGAIN);
  if (trees.length === 0) throw new ModelFault('The model has no trees.', 'Train at least one round.');
  return plantTrees(
    { ...describedBy(section, trees.length), categories: categoriesIn(pandasLine(text.slice(end))) },
    trees.map((tree, number) => tableOf(sectionOf(tree), number)),
  );
}

/** The last line of the file, as JSON. */
function pandasLine(rest: string): unknown {
  try {
    return JSON.parse(/^pandas_categorical:(.*)$/m.exec(rest)?.[1] ?? 'null');
  } catch {
    throw new ModelFault('The line pandas_categorical is not whole JSON.', SAVE_AGAIN);
  }
}

/** The categories that a pandas frame had, a list a column; none where the training had no frame. @throws ModelFault */
export function categoriesIn(written: unknown): readonly (readonly string[])[] {
  if (written === null || written === undefined) return [];
  return list(written, 'pandas_categorical').map((column) => list(column, 'pandas_categorical').map(String));
}

function sectionOf(text: string): Section {
  return new Map(
    text.split('\n').map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [line.trim(), ''] : [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

function describedBy(head: Section, trees: number) {
  const features = (head.get('feature_names') ?? '').trim().split(/\s+/);
  const said = whole(head.get('max_feature_idx'), 'max_feature_idx', 1_000_000) + 1;
  if (said !== features.length) throw new ModelFault(`The file names ${features.length} of its ${said} features.`, SAVE_AGAIN);
  return lightgbmHead({
    features,
    objective: head.get('objective') ?? '',
    perIteration: head.get('num_tree_per_iteration'),
    isAveraged: head.has('average_output'),
    trees,
  });
}

interface Head {
  readonly features: readonly string[];
  readonly objective: string;
  readonly perIteration: unknown;
  readonly isAveraged: boolean;
  readonly trees: number;
}

/** What both of LightGBM's formats say before their trees. @throws ModelFault */
export function lightgbmHead({ features, objective, perIteration, isAveraged, trees }: Head) {
  const outputs = whole(perIteration, 'num_tree_per_iteration', trees);
  if (outputs === 0 || trees % outputs !== 0) throw new ModelFault(`${trees} trees are no whole rounds of ${outputs}.`, SAVE_AGAIN);
  return {
    library: 'lightgbm',
    features,
    objective: lightgbmObjective(objective),
    outputs,
    averagedOver: isAveraged ? trees / outputs : 1,
    single: false,
    base: new Float64Array(outputs),
  } as const;
}

/** Splits first, then leaves: a child below 0 is the leaf -child - 1. */
function tableOf(tree: Section, number: number): TreeTable {
  if (tree.get('is_linear')?.trim() === '1')
    throw new ModelFault(`Tree ${number} has linear models in its leaves.`, 'Train with linear_tree=false; those are not read here.');
  const leaves = whole(tree.get('num_leaves'), `num_leaves of tree ${number}`, MODEL_MAX.nodes);
  const numbers = (key: string, length: number): number[] => numbersOf(tree.get(key), { key, length, number });
  const splits = leaves - 1;
  const children = (key: string): number[] => [...numbers(key, splits).map((child) => (child < 0 ? splits - child - 1 : child)), ...filled(leaves, -1)];
  const rule = numbers('decision_type', splits);
  const threshold = numbers('threshold', splits);
  return {
    feature: [...numbers('split_feature', splits), ...filled(leaves, -1)],
    left: children('left_child'),
    right: children('right_child'),
    amount: [...threshold, ...numbers('leaf_value', leaves)],
    rule: [...rule.map(ruleOf), ...filled(leaves, 0)],
    // A tree of one leaf says no counts.
    cover: splits === 0 ? [1] : [...numbers('internal_count', splits), ...numbers('leaf_count', leaves)],
    words: wordsOf(tree, { rule, threshold, number }),
  };
}

const filled = (length: number, value: number): number[] => Array.from({ length }, () => value);

/** A category that is missing goes right, whatever the file says. */
const ruleOf = (type: number): number => ((type & RULE.categorical) === 0 ? type : type & ~RULE.defaultLeft);

interface Wanted {
  readonly key: string;
  readonly length: number;
  readonly number: number;
}

function numbersOf(written: string | undefined, { key, length, number }: Wanted): number[] {
  const parts = (written ?? '').split(' ').filter((part) => part !== '');
  if (length > 0 && parts.length !== length) throw new ModelFault(`Tree ${number} has ${parts.length} of ${length} numbers of ${key}.`, SAVE_AGAIN);
  return parts.slice(0, length).map((part) => infinite.get(part) ?? finite(part, `${key} of tree ${number}`));
}

/** A threshold may be infinite. */
const infinite: ReadonlyMap<string, number> = new Map([
  ['inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
]);

interface Splits {
  readonly rule: readonly number[];
  readonly threshold: readonly number[];
  readonly number: number;
}

/** The threshold of a categorical split is the place of its bits: `cat_threshold` from `cat_boundaries[place]` on. */
function wordsOf(tree: Section, { rule, threshold, number }: Splits): Map<number, readonly number[]> {
  const found = new Map<number, readonly number[]>();
  const count = whole(tree.get('num_cat') ?? '0', `num_cat of tree ${number}`, MODEL_MAX.nodes);
  if (count === 0 && !rule.some((type) => (type & RULE.categorical) !== 0)) return found;
  const bounds = numbersOf(tree.get('cat_boundaries'), { key: 'cat_boundaries', length: count + 1, number });
  const words = numbersOf(tree.get('cat_threshold'), { key: 'cat_threshold', length: bounds.at(-1) ?? 0, number });
  for (const [node, type] of rule.entries()) {
    if ((type & RULE.categorical) === 0) continue;
    const place = threshold[node] ?? -1;
    const [from, to] = [bounds[place], bounds[place + 1]];
    if (from === undefined || to === undefined || from > to)
      throw new ModelFault(`Tree ${number} has no categories for its split ${node} (threshold ${shown(place)}).`, SAVE_AGAIN);
    found.set(node, words.slice(from, to));
  }
  return found;
}
