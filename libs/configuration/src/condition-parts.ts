import { type ASTNode, serialize } from '@marcbachmann/cel-js';
import { withTimesAsNumbers } from './condition-tree.ts';
import type { Amount, Compiled, KnownNames, Refused, Truth, Values } from './conditions.ts';

/** How a part hangs on the parts below it: `all` = each has to hold, `any` = one has to, `choice` = if, then, else. A `leaf` has none. */
export type PartKind = 'all' | 'any' | 'not' | 'choice' | 'leaf';

/** Two numbers that a leaf compares; undefined = unknown. */
export interface ComparedNumbers {
  readonly sign: string;
  readonly left: (values: Values) => number | undefined;
  readonly right: (values: Values) => number | undefined;
}

/** A condition, or a part of one, as it is written but for spaces and parentheses. */
export interface ConditionPart {
  readonly kind: PartKind;
  readonly source: string;
  /** In their order; empty for a leaf. */
  readonly parts: readonly ConditionPart[];
  readonly reads: { readonly features: readonly string[]; readonly traits: readonly string[] };
  /** By itself, whatever stands around it. */
  readonly evaluate: (values: Values) => Truth;
  /** Of a leaf that compares numbers. */
  readonly compares?: ComparedNumbers;
}

/** What compiles parts. */
export interface PartCompiler {
  readonly names: KnownNames;
  readonly parse: (source: string) => ASTNode;
  readonly truth: (source: string) => Compiled<Truth> | Refused;
  readonly amount: (source: string) => Compiled<Amount> | Refused;
}

/** Splits a checked condition at its `&&`, `||`, `!` and `?:`. Each part answers as the condition itself does. @throws Error where a part of what was compiled as a whole does not compile, which is a fault of ours */
export function partsOf(node: ASTNode, compiler: PartCompiler): ConditionPart {
  const source = serialize(node);
  const compiled = compiler.truth(source);
  if (compiled.kind === 'fault') throw new Error(`a part of a condition does not compile: ${compiled.fault}`);
  const { reads, evaluate } = compiled;
  const [kind, below] = split(node);
  const parts = below.map((part) => partsOf(part, compiler));
  const compares = kind === 'leaf' ? comparedNumbers(source, compiler) : undefined;
  return { kind, source, parts, reads, evaluate, ...(compares && { compares }) };
}

const comparisons: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', '==', '!=']);

function split(node: ASTNode): readonly [PartKind, readonly ASTNode[]] {
  if (node.op === '&&') return ['all', chainOf(node, '&&')];
  if (node.op === '||') return ['any', chainOf(node, '||')];
  if (node.op === '!_') return ['not', [node.args]];
  return node.op === '?:' ? ['choice', node.args] : ['leaf', []];
}

/** `a && b && c` are three parts of one, not two of which one has two. */
const chainOf = (node: ASTNode, op: '&&' | '||'): readonly ASTNode[] => (node.op === op ? node.args.flatMap((side) => chainOf(side, op)) : [node]);

function comparedNumbers(source: string, { names, parse, amount }: PartCompiler): ComparedNumbers | undefined {
  const { op, args } = parse(withTimesAsNumbers(parse(source), names));
  if (!comparisons.has(op)) return undefined;
  const [left, right] = (args as readonly [ASTNode, ASTNode]).map((side) => amount(serialize(side)));
  return left?.kind === 'compiled' && right?.kind === 'compiled' ? { sign: op, left: numberOf(left), right: numberOf(right) } : undefined;
}

const numberOf =
  ({ evaluate }: Compiled<Amount>) =>
  (values: Values): number | undefined => {
    const amount = evaluate(values);
    return amount.kind === 'value' ? amount.value : undefined;
  };
