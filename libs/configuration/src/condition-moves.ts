import type { ASTNode } from '@marcbachmann/cel-js';
import { closureOf } from './closures.ts';
import { namesIn } from './condition-tree.ts';
import type { KnownNames, Values } from './conditions.ts';

/** A part of a condition that compares one number with a bound that does not read it: its truth hangs on which side of the bound the number lies. */
export interface Atom {
  readonly feature: string;
  /** The bound for these values; undefined where it is unknown, and then so is the atom, whatever the number. */
  readonly bound: (values: Values) => number | undefined;
  /** The features that the bound reads. */
  readonly boundReads: readonly string[];
}

/** How the truth of a condition hangs on its features: by its atoms, and anyhow on `others`. */
export interface ConditionMoves {
  readonly atoms: readonly Atom[];
  /** Features that stand elsewhere than in atoms, sorted. */
  readonly others: readonly string[];
}

/** Splits a checked condition into atoms below its `&&`, `||`, `!` and `?:`. */
export function movesOf(node: ASTNode, names: KnownNames): ConditionMoves {
  const atoms: Atom[] = [];
  const others = new Set<string>();
  for (const leaf of leavesOf(node)) {
    const atom = atomOf(leaf, names);
    if (atom) atoms.push(atom);
    else for (const name of namesIn(leaf, names)) others.add(name);
  }
  return { atoms, others: [...others].toSorted() };
}

const comparisons: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', '==', '!=']);

function leavesOf(node: ASTNode): readonly ASTNode[] {
  if (node.op === '&&' || node.op === '||' || node.op === '?:') return node.args.flatMap(leavesOf);
  return node.op === '!_' ? leavesOf(node.args) : [node];
}

function atomOf(node: ASTNode, names: KnownNames): Atom | undefined {
  if (!comparisons.has(node.op)) return undefined;
  const [left, right] = node.args as readonly [ASTNode, ASTNode];
  return comparing(left, right, names) ?? comparing(right, left, names);
}

function comparing(number: ASTNode, against: ASTNode, names: KnownNames): Atom | undefined {
  if (number.op !== 'id') return undefined;
  const { type, byName } = names.features.get(number.args) ?? {};
  if (type !== 'number' || byName) return undefined;
  const boundReads = namesIn(against, names);
  const closure = boundReads.includes(number.args) ? undefined : closureOf(against, names);
  if (closure?.type !== 'number') return undefined;
  const bound = (values: Values): number | undefined => {
    const value = closure.run(values);
    return typeof value === 'number' ? value : undefined;
  };
  return { feature: number.args, bound, boundReads };
}
