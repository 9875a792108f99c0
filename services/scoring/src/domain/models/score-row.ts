import { RULE, type TreeModel } from './tree-model.ts';

/** LightGBM's kZeroThreshold, a float32: what is nearer to 0 is 0. */
const NEARLY_ZERO = 1.0000000180025095e-35;
/** Categories are whole numbers of 32 bits. */
const INT_END = 2_147_483_648;

/**
 * The raw scores of a row, one an output, as the library has them, bit for bit: LightGBM adds up float64 in the order of its trees, XGBoost float32.
 * NaN = missing. Time: trees × depth.
 */
export function scoreRow(model: TreeModel, row: Float64Array): Float64Array {
  const { roots, outputOf, amount, base, single } = model;
  const own = asTheLibraryReads(model, row);
  const scores = Float64Array.from(base);
  for (let tree = 0; tree < roots.length; tree++) {
    const output = outputOf[tree] as number;
    const sum = (scores[output] as number) + (amount[leafOf(model, roots[tree] as number, own)] as number);
    scores[output] = single ? Math.fround(sum) : sum;
  }
  return scores;
}

/** The row as the library holds it: XGBoost in float32; LightGBM without what is nearly 0. */
export const asTheLibraryReads = ({ single }: TreeModel, row: Float64Array): Float64Array =>
  row.map((value) => (single ? Math.fround(value) : Math.abs(value) <= NEARLY_ZERO ? 0 : value));

function leafOf(model: TreeModel, root: number, row: Float64Array): number {
  const { feature, left, right } = model;
  let node = root;
  for (let asked = feature[node] as number; asked >= 0; asked = feature[node] as number)
    node = (goesLeft(model, node, row[asked] as number) ? left[node] : right[node]) as number;
  return node;
}

/** Where a value goes: `Tree::NumericalDecision` and `CategoricalDecision` of LightGBM (include/LightGBM/tree.h). */
export function goesLeft(model: TreeModel, node: number, value: number): boolean {
  const rule = model.rule[node] as number;
  if ((rule & RULE.categorical) !== 0) return isAmong(model, node, value);
  const isUnknown = Number.isNaN(value);
  const known = isUnknown && (rule & RULE.missingNaN) === 0 ? 0 : value;
  const isMissing = isUnknown ? (rule & (RULE.missingNaN | RULE.missingZero)) !== 0 : (rule & RULE.missingZero) !== 0 && known === 0;
  return isMissing ? (rule & RULE.defaultLeft) !== 0 : known <= (model.amount[node] as number);
}

/** Of a number the whole part is the category; XGBoost knows none below 0, LightGBM none at -1 and below. */
function isAmong({ rule, words, wordAt, single }: TreeModel, node: number, value: number): boolean {
  if (Number.isNaN(value)) return ((rule[node] as number) & RULE.defaultLeft) !== 0;
  if (value >= INT_END || value <= -1 || (single && value < 0)) return false;
  const category = Math.trunc(value);
  const word = (wordAt[node] as number) + (category >>> 5);
  return word < (wordAt[node + 1] as number) && ((words[word] as number) & (1 << (category & 31))) !== 0;
}
