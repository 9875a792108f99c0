import { spelling } from '@attune/kernel/nearest';
import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import { type Checked, celEvaluator } from './cel-evaluator.ts';
import { closureOf, isUnknown, type Ran } from './closures.ts';
import { type ConditionMoves, movesOf } from './condition-moves.ts';
import { type ConditionPart, partsOf } from './condition-parts.ts';
import { slipIn, typeHint } from './condition-slips.ts';
import { refusalIn, segmentLiterals, usedNames, withTimesAsNumbers } from './condition-tree.ts';

/** The type of a value in conditions. Numbers are doubles; times are told in ms by the application. */
export type PlainType = 'number' | 'text' | 'truth';
/** That of a feature: a list, too. */
export type ValueType = PlainType | 'numbers' | 'texts';

/** What a condition may name. `byName` marks a feature whose values stand by name, as in `spend_by["Mugs"]`. `unitMs` marks a feature that measures time: `days(30)` beside it becomes a number of that unit. */
export interface KnownNames {
  readonly features: ReadonlyMap<string, { readonly type: ValueType; readonly unitMs?: number | undefined; readonly byName?: boolean }>;
  readonly traits: ReadonlyMap<string, { readonly type: PlainType; readonly sensitive: boolean }>;
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
  /** How its truth hangs on the features. */
  readonly moves: ConditionMoves;
  /** A condition and its parts, made at the first call. @throws Error for an expression that is no condition */
  readonly parts: () => ConditionPart;
}

const sourceMax = 2000;
const limits = { maxDepth: 24, maxAstNodes: 500, maxListElements: 200, maxMapEntries: 50, maxCallArguments: 8 };
const celTypes = { number: 'double', text: 'string', truth: 'bool', numbers: 'list<double>', texts: 'list<string>' } as const;

/** Compiles a CEL condition of at most 2,000 characters and 24 levels. A missing value makes its atom unknown, by CEL's rules for errors: `false && unknown` fails, `!unknown` is unknown. */
export function compileCondition(source: string, names: KnownNames): Compiled<Truth> | Refused {
  return compile(source, names, 'bool', truthOf);
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

const [holds, fails]: readonly [Truth, Truth] = [{ kind: 'holds' }, { kind: 'fails' }];

/** What a condition answers, from its value. */
export const truthOf = (result: unknown): Truth => (result === true ? holds : fails);

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
    const parts = (): ConditionPart => partsIn(tree, names);
    return { kind: 'compiled', source, reads, evaluate: evaluator({ program, reads }, names, read), moves: movesOf(program.ast, names), parts };
  } catch (error) {
    return { kind: 'fault', ...slipIn(source, error, names) };
  }
}

const split = new WeakMap<ASTNode, ConditionPart>();

function partsIn(tree: ASTNode, names: KnownNames): ConditionPart {
  const parse = (source: string): ASTNode => environmentOf(names).parse(source).ast;
  const compiler = { names, parse, truth: (source: string) => compileCondition(source, names), amount: (source: string) => compileAmount(source, names) };
  const made = split.get(tree) ?? partsOf(tree, compiler);
  split.set(tree, made);
  return made;
}

/** The library answers what no closure is made of. */
function evaluator<Answer>(checked: Checked, names: KnownNames, read: (result: unknown) => Answer) {
  const closure = closureOf(checked.program.ast, names);
  if (closure === undefined) return celEvaluator({ ...checked, structured: checked.reads.features.filter((name) => isStructured(names, name)) }, read);
  return (values: Values): Answer | Unknown => {
    const ran: Ran = closure.run(values);
    return isUnknown(ran) ? ran : read(ran);
  };
}

/** True for a feature whose value is a list, or stands by name. */
function isStructured({ features }: KnownNames, name: string): boolean {
  const { type, byName } = features.get(name) ?? {};
  return byName === true || type === 'numbers' || type === 'texts';
}

function unknownSegment(tree: ASTNode, names: KnownNames): { fault: string; fix: string } | undefined {
  const unknown = segmentLiterals(tree).find((name) => !names.segments.has(name));
  return unknown === undefined ? undefined : { fault: `There is no segment ${unknown}.`, fix: spelling(unknown, names.segments) };
}

const environments = new WeakMap<KnownNames, Environment>();

/** The environment of these names: one for all rules with the same names, since making it costs more than compiling a rule. */
export function environmentOf(names: KnownNames): Environment {
  const made = environments.get(names) ?? newEnvironment(names);
  environments.set(names, made);
  return made;
}

function newEnvironment(names: KnownNames): Environment {
  const environment = new Environment({ limits });
  for (const [name, { type, byName }] of names.features) environment.registerVariable(name, byName ? `map<string, ${celTypes[type]}>` : celTypes[type]);
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
    .registerOperator('double in list<int>: bool', (a: number, list: readonly bigint[]) => list.some((one) => Number(one) === a))
    .registerOperator('int in list<double>: bool', (a: bigint, list: readonly number[]) => list.includes(Number(a)));
}
