import type { ASTNode } from '@marcbachmann/cel-js';
import type { KnownNames, PlainType, Unknown, Values } from './conditions.ts';

/** A value that an expression has, or why it has none. */
export type Ran = number | string | boolean | Unknown;

/** A part of a checked expression as a function: equal to what the CEL library answers, at a small part of its cost, and nothing is thrown for what is missing. */
export interface Closure {
  readonly type: PlainType;
  readonly run: (values: Values) => Ran;
}

/** Whether nothing can be said of a value. */
export const isUnknown = (ran: Ran): ran is Unknown => typeof ran === 'object';

/**
 * The function of a checked expression; undefined where it holds anything but names, literals, comparisons, logic, `in` lists of literals or segments, and
 * arithmetic with a double in it: the library answers those.
 */
export function closureOf(node: ASTNode, names: KnownNames): Closure | undefined {
  if (node.op === 'value') return literal(node.args);
  if (node.op === 'id') return featureNamed(node.args, names);
  if (node.op === '.') return traitNamed(node.args[0], node.args[1], names);
  if (node.op === '&&' || node.op === '||') return logic(node.op === '||', both(node.args, names));
  if (node.op === '!_') return negation(closureOf(node.args, names));
  if (node.op === '-_') return minus(node.args, names);
  if (node.op === '?:') return choice(node.args, names);
  if (node.op === 'in') return membership(node.args, names);
  const sides = Array.isArray(node.args) ? (node.args as readonly ASTNode[]) : [];
  if (isOf(comparisons, node.op)) return comparison(node.op, both(sides, names));
  if (isOf(arithmetic, node.op) && !sides.every(isWhole)) return calculation(node.op, both(sides, names));
  return undefined;
}

type Comparison = '<' | '<=' | '>' | '>=' | '==' | '!=';
type Arithmetic = '+' | '-' | '*' | '/' | '%';
type Pair = readonly [Closure, Closure] | undefined;

const comparisons: Readonly<Record<Comparison, (a: number | string | boolean, b: number | string | boolean) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};

const arithmetic: Readonly<Record<Arithmetic, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

const isOf = <T extends string>(table: Readonly<Record<T, unknown>>, sign: string): sign is T => Object.hasOwn(table, sign);

const nameless: Unknown = { kind: 'unknown' };

/** Whole numbers have an arithmetic of their own in CEL: only beside a double are they doubles. */
const isWhole = (node: ASTNode): boolean => (node.op === 'value' && typeof node.args === 'bigint') || (node.op === '-_' && isWhole(node.args));

function both([a, b]: readonly ASTNode[], names: KnownNames): Pair {
  const left = a && closureOf(a, names);
  const right = b && left && closureOf(b, names);
  return left && right && [left, right];
}

function literal(value: unknown): Closure | undefined {
  if (typeof value === 'string') return { type: 'text', run: () => value };
  if (typeof value === 'boolean') return { type: 'truth', run: () => value };
  if (typeof value === 'bigint' && !Number.isSafeInteger(Number(value))) return undefined;
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  const number = Number(value);
  return { type: 'number', run: () => number };
}

const typeofs = { number: 'number', text: 'string', truth: 'boolean' } as const;

/** A value as conditions take it: what is no plain value, or not finite, is missing; one of another type than declared is unknown. */
function reading(from: 'features' | 'traits', name: string, { type, missing }: { readonly type: PlainType; readonly missing: string }): Closure {
  const absent: Unknown = { kind: 'unknown', missing };
  const wanted = typeofs[type];
  const run = (values: Values): Ran => {
    const value = Object.hasOwn(values[from], name) ? values[from][name] : undefined;
    if (typeof value === 'number' ? !Number.isFinite(value) : typeof value !== 'string' && typeof value !== 'boolean') return absent;
    return typeof value === wanted ? (value as Ran) : nameless;
  };
  return { type, run };
}

function featureNamed(name: string, { features }: KnownNames): Closure | undefined {
  const { type, byName } = features.get(name) ?? {};
  if (byName || type === 'numbers' || type === 'texts') return undefined;
  return type && reading('features', name, { type, missing: name });
}

function traitNamed(of: ASTNode, name: string, { traits }: KnownNames): Closure | undefined {
  const trait = of.op === 'id' && of.args === 'traits' ? traits.get(name) : undefined;
  return trait && !trait.sensitive ? reading('traits', name, { type: trait.type, missing: `traits.${name}` }) : undefined;
}

/** What absorbs decides whatever stands beside it; of two unknown sides the right one is told. */
function logic(absorbing: boolean, pair: Pair): Closure | undefined {
  if (pair?.[0].type !== 'truth' || pair[1].type !== 'truth') return undefined;
  const [{ run: left }, { run: right }] = pair;
  const run = (values: Values): Ran => {
    const a = left(values);
    if (a === absorbing) return absorbing;
    const b = right(values);
    return b === absorbing || isUnknown(b) ? b : a;
  };
  return { type: 'truth', run };
}

function negation(of: Closure | undefined): Closure | undefined {
  if (of?.type !== 'truth') return undefined;
  const run = (values: Values): Ran => {
    const value = of.run(values);
    return isUnknown(value) ? value : !value;
  };
  return { type: 'truth', run };
}

function minus(node: ASTNode, names: KnownNames): Closure | undefined {
  const of = closureOf(node, names);
  if (of?.type !== 'number') return undefined;
  const run = (values: Values): Ran => {
    const value = of.run(values);
    if (isUnknown(value)) return value;
    return isWhole(node) ? 0 - Number(value) : -Number(value); // a whole number has no -0
  };
  return { type: 'number', run };
}

function choice([on, yes, no]: readonly [ASTNode, ASTNode, ASTNode], names: KnownNames): Closure | undefined {
  const [condition, branches] = [closureOf(on, names), both([yes, no], names)];
  if (condition?.type !== 'truth' || !branches || branches[0].type !== branches[1].type || isWhole(yes) || isWhole(no)) return undefined;
  const run = (values: Values): Ran => {
    const held = condition.run(values);
    return isUnknown(held) ? held : branches[held === true ? 0 : 1].run(values);
  };
  return { type: branches[0].type, run };
}

function comparison(sign: Comparison, pair: Pair): Closure | undefined {
  if (!pair || pair[0].type !== pair[1].type) return undefined;
  return { type: 'truth', run: joined(pair, comparisons[sign]) };
}

function calculation(sign: Arithmetic, pair: Pair): Closure | undefined {
  if (pair?.[0].type !== 'number' || pair[1].type !== 'number') return undefined;
  return { type: 'number', run: joined(pair, arithmetic[sign] as (a: Exclude<Ran, Unknown>, b: Exclude<Ran, Unknown>) => Ran) };
}

/** Of two unknown sides the left one is told. */
function joined([{ run: left }, { run: right }]: readonly [Closure, Closure], join: (a: Exclude<Ran, Unknown>, b: Exclude<Ran, Unknown>) => Ran) {
  return (values: Values): Ran => {
    const a = left(values);
    if (isUnknown(a)) return a;
    const b = right(values);
    return isUnknown(b) ? b : join(a, b);
  };
}

function membership([one, list]: readonly [ASTNode, ASTNode], names: KnownNames): Closure | undefined {
  const of = closureOf(one, names);
  if (of === undefined || isWhole(one)) return undefined;
  if (list.op === 'id' && list.args === 'segments' && names.segments.size > 0 && of.type === 'text') return { type: 'truth', run: inSegments(of) };
  const items = list.op === 'list' ? list.args.map((item) => (item.op === 'value' ? item.args : undefined)) : [];
  const [first] = items;
  if (first === undefined || items.some((item) => typeof item !== typeof first)) return undefined;
  const among = new Set(items.map((item) => (typeof item === 'bigint' ? Number(item) : item)) as Ran[]);
  if (typeofs[of.type] !== typeof [...among][0]) return undefined;
  const run = (values: Values): Ran => {
    const value = of.run(values);
    return isUnknown(value) ? value : among.has(value);
  };
  return { type: 'truth', run };
}

function inSegments({ run }: Closure) {
  const absent: Unknown = { kind: 'unknown', missing: 'segments' };
  return (values: Values): Ran => {
    const value = run(values);
    if (isUnknown(value)) return value;
    return values.segments === undefined ? absent : values.segments.includes(value as string);
  };
}
