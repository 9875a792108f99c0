import { spelling } from '@attune/kernel/nearest';
import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import { slipIn, typeHint } from './condition-slips.ts';
import { refusalIn, segmentLiterals, usedNames, withTimesAsNumbers } from './condition-tree.ts';

/** The type of a value in conditions. Numbers are doubles; times are told in ms by the application. */
export type ValueType = 'number' | 'text' | 'truth';

/** What a condition may name. `unitMs` marks a feature that measures time: `days(30)` beside it becomes a number of that unit. */
export interface KnownNames {
  readonly features: ReadonlyMap<string, { readonly type: ValueType; readonly unitMs?: number | undefined }>;
  readonly traits: ReadonlyMap<string, { readonly type: ValueType; readonly sensitive: boolean }>;
  /** Empty where segments may not be named. */
  readonly segments: ReadonlySet<string>;
  /** What `features` are called in messages; absent = features. */
  readonly noun?: 'field';
}

/** The values of one customer at one time. What is undefined, null or not finite counts as missing. */
export interface Values {
  readonly features: Readonly<Record<string, unknown>>;
  readonly traits: Readonly<Record<string, unknown>>;
  /** The segments that hold. Absent = they are missing as a whole. */
  readonly segments?: readonly string[];
}

/** `missing` names the value for want of which the answer is unknown; absent when arithmetic failed, such as a division of whole numbers by zero. */
export type Unknown = { readonly kind: 'unknown'; readonly missing?: string };
export type Truth = { readonly kind: 'holds' } | { readonly kind: 'fails' } | Unknown;
export type Amount = { readonly kind: 'value'; readonly value: number } | Unknown;
export type Refused = { readonly kind: 'fault'; readonly fault: string; readonly fix: string };

/** A checked expression, ready to run. Reads only what it names; needs no clock. */
export interface Compiled<Answer> {
  readonly kind: 'compiled';
  readonly source: string;
  readonly reads: { readonly features: readonly string[]; readonly traits: readonly string[]; readonly segments: readonly string[] };
  readonly evaluate: (values: Values) => Answer;
}

const sourceMax = 2000;
const limits = { maxDepth: 24, maxAstNodes: 500, maxListElements: 200, maxMapEntries: 50, maxCallArguments: 8 };
const celTypes = { number: 'double', text: 'string', truth: 'bool' } as const;

/** Compiles a CEL condition of at most 2,000 characters and 24 levels. A missing value makes its atom unknown, by CEL's rules for errors: `false && unknown` fails, `!unknown` is unknown. */
export function compileCondition(source: string, names: KnownNames): Compiled<Truth> | Refused {
  return compile(source, names, 'bool', (result): Truth => (result === true ? { kind: 'holds' } : { kind: 'fails' }));
}

/** Compiles a CEL expression whose value is a number, such as `propensity * value - cost`. Values that are not finite are unknown. */
export function compileAmount(source: string, names: KnownNames): Compiled<Amount> | Refused {
  return compile(
    source,
    names,
    'double',
    (result): Amount => (Number.isFinite(Number(result)) ? { kind: 'value', value: Number(result) } : { kind: 'unknown' }),
  );
}

function compile<Answer>(
  source: string,
  names: KnownNames,
  wanted: 'bool' | 'double',
  read: (result: unknown) => Answer,
): Compiled<Answer | Unknown> | Refused {
  if (source.length > sourceMax) return { kind: 'fault', fault: `The condition is longer than ${sourceMax} characters.`, fix: 'Split it into segments.' };
  const environment = environmentOf(names);
  try {
    const tree = environment.parse(source).ast;
    const refusal = refusalIn(tree) ?? unknownSegment(tree, names);
    if (refusal !== undefined) return { kind: 'fault', ...refusal };
    const program = environment.parse(withTimesAsNumbers(tree, names));
    const checked = program.check();
    if (checked.error !== undefined) return { kind: 'fault', ...slipIn(source, checked.error, names) };
    if (checked.type !== wanted && !(wanted === 'double' && checked.type === 'int'))
      return { kind: 'fault', ...typeHint(source, checked.type ?? 'nothing', wanted) };
    const reads = usedNames(tree, names);
    return { kind: 'compiled', source, reads, evaluate: evaluator(program, reads, read) };
  } catch (error) {
    return { kind: 'fault', ...slipIn(source, error, names) };
  }
}

function evaluator<Answer>(program: (context: Record<string, unknown>) => unknown, reads: Compiled<Answer>['reads'], read: (result: unknown) => Answer) {
  return (values: Values): Answer | Unknown => {
    const context: Record<string, unknown> = { traits: present(values.traits, reads.traits) };
    Object.assign(context, present(values.features, reads.features));
    if (values.segments !== undefined) context['segments'] = values.segments;
    const traced = Error.stackTraceLimit;
    Error.stackTraceLimit = 0; // CEL throws for each missing value: a trace that nobody reads costs more than the answer
    try {
      return read(program(context));
    } catch (error) {
      const missing = missingName(error);
      return missing === undefined ? { kind: 'unknown' } : { kind: 'unknown', missing };
    } finally {
      Error.stackTraceLimit = traced;
    }
  };
}

function present(values: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const name of names) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) found[name] = value;
  }
  return found;
}

function missingName(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('node' in error)) return undefined;
  const node = error.node as ASTNode | undefined;
  if (error.code === 'unknown_variable' && node?.op === 'id') return node.args;
  if (error.code === 'no_such_key' && node?.op === '.') return `traits.${node.args[1]}`;
  if (error.code === 'no_such_key' && node?.op === '[]' && node.args[1].op === 'value') return `traits.${String(node.args[1].args)}`;
  return undefined;
}

function unknownSegment(tree: ASTNode, names: KnownNames): { fault: string; fix: string } | undefined {
  const unknown = segmentLiterals(tree).find((name) => !names.segments.has(name));
  return unknown === undefined ? undefined : { fault: `There is no segment ${unknown}.`, fix: spelling(unknown, names.segments) };
}

/** One environment for all rules with the same names: making it costs more than compiling a rule. */
const environments = new WeakMap<KnownNames, Environment>();

function environmentOf(names: KnownNames): Environment {
  const made = environments.get(names) ?? newEnvironment(names);
  environments.set(names, made);
  return made;
}

function newEnvironment(names: KnownNames): Environment {
  const environment = new Environment({ limits });
  for (const [name, { type }] of names.features) environment.registerVariable(name, celTypes[type]);
  const traits = [...names.traits].filter(([, trait]) => !trait.sensitive).map(([name, trait]) => [name, celTypes[trait.type]]);
  environment.registerVariable({ name: 'traits', schema: Object.fromEntries(traits) });
  if (names.segments.size > 0) environment.registerVariable('segments', 'list<string>');
  return withMixedNumbers(environment);
}

/** In plain CEL `1.5 * 2` has no overload: here whole numbers beside doubles are doubles. */
function withMixedNumbers(environment: Environment): Environment {
  const operators: Record<string, (a: number, b: number) => number> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / b,
    '%': (a, b) => a % b,
  };
  for (const [sign, handler] of Object.entries(operators)) {
    const mixed = (a: number | bigint, b: number | bigint): number => handler(Number(a), Number(b));
    environment.registerOperator(`int ${sign} double: double`, mixed).registerOperator(`double ${sign} int: double`, mixed);
  }
  return environment
    .registerOperator('double % double: double', (a: number, b: number) => a % b)
    .registerOperator('int == double: bool', (a: bigint, b: number) => Number(a) === b)
    .registerOperator('double in list<int>: bool', (a: number, list: readonly bigint[]) => list.some((one) => Number(one) === a));
}
