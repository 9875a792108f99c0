import type { ASTNode } from '@marcbachmann/cel-js';
import type { KnownNames } from './conditions.ts';
import { unitsMs } from './durations.ts';

const comparisons: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', '==', '!=']);
const loops: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

/** What the type checker allows and Attune does not: regular expressions that can hang, loops in loops, and names bound by `cel.bind`. */
export function refusalIn(tree: ASTNode): { fault: string; fix: string } | undefined {
  for (const { node, above } of walk(tree)) {
    if (node.op !== 'rcall' && node.op !== 'call') continue;
    const name = node.args[0];
    if (name === 'matches') return { fault: 'matches is refused: a regular expression can run for minutes.', fix: 'Use startsWith, endsWith, contains or ==.' };
    if (name === 'bind')
      return { fault: 'cel.bind is refused: it can grow a text without bound.', fix: 'Write the value where it is used, or make a segment of it.' };
    if (loops.has(name) && above.some((it) => it.op === 'rcall' && loops.has(it.args[0]))) {
      return { fault: `${name} stands inside another loop.`, fix: 'Loop once; put the inner condition into a segment.' };
    }
  }
  return undefined;
}

/** The names that the expression reads, sorted. */
export function usedNames(tree: ASTNode, names: KnownNames) {
  const features = new Set<string>();
  let traits = false;
  for (const { node } of walk(tree)) {
    if (node.op !== 'id') continue;
    if (names.features.has(node.args)) features.add(node.args);
    traits ||= node.args === 'traits';
  }
  const named = traits ? [...names.traits].filter(([name, trait]) => !trait.sensitive && tree.input.includes(name)).map(([name]) => name) : [];
  return { features: [...features].sort(), traits: named.sort(), segments: [...new Set(segmentLiterals(tree))].sort() };
}

/** The features that a part of an expression reads, sorted. */
export function namesIn(part: ASTNode, { features }: KnownNames): readonly string[] {
  const found = new Set<string>();
  for (const { node } of walk(part)) if (node.op === 'id' && features.has(node.args)) found.add(node.args);
  return [...found].sort();
}

/** The names in `"name" in segments` and `segments.exists(s, s == "name")` that stand as plain texts before `in`. */
export function segmentLiterals(tree: ASTNode): string[] {
  const found: string[] = [];
  for (const { node } of walk(tree)) {
    if (node.op !== 'in') continue;
    const [left, right] = node.args;
    if (left.op === 'value' && typeof left.args === 'string' && right.op === 'id' && right.args === 'segments') found.push(left.args);
  }
  return found;
}

/** The source with `days(30)`, `hours(2)` and `minutes(5)` as numbers in the unit of the one time feature of their comparison; elsewhere they stay and fail the type check. */
export function withTimesAsNumbers(tree: ASTNode, names: KnownNames): string {
  const edits: { start: number; end: number; text: string }[] = [];
  for (const { node } of walk(tree)) {
    if (!comparisons.has(node.op)) continue;
    const inside = [...walk(node)].map((it) => it.node);
    const units = new Set(inside.flatMap((it) => (it.op === 'id' ? (names.features.get(it.args)?.unitMs ?? []) : [])));
    const [unitMs] = units;
    if (unitMs === undefined || units.size > 1) continue;
    for (const it of inside) {
      const ms = timeOf(it);
      if (ms !== undefined && !edits.some((edit) => edit.start === it.start)) edits.push({ start: it.start, end: it.end, text: doubleText(ms / unitMs) });
    }
  }
  return edits.sort((a, b) => b.start - a.start).reduce((text, { start, end, text: put }) => text.slice(0, start) + put + text.slice(end), tree.input);
}

/** The ms of a call such as `days(30)`. */
function timeOf(node: ASTNode): number | undefined {
  if (node.op !== 'call' || !Object.hasOwn(unitsMs, node.args[0])) return undefined;
  const [argument, ...more] = node.args[1];
  const unit = unitsMs[node.args[0] as keyof typeof unitsMs];
  return argument?.op === 'value' && more.length === 0 && ['number', 'bigint'].includes(typeof argument.args) ? Number(argument.args) * unit : undefined;
}

const doubleText = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));

interface Visit {
  readonly node: ASTNode;
  readonly above: readonly ASTNode[];
}

function* walk(node: ASTNode, above: readonly ASTNode[] = []): Generator<Visit> {
  yield { node, above };
  for (const child of childrenOf(node.args)) yield* walk(child, [...above, node]);
}

const childrenOf = (args: unknown): ASTNode[] => (Array.isArray(args) ? args.flatMap(childrenOf) : isNode(args) ? [args] : []);
const isNode = (value: unknown): value is ASTNode => typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
