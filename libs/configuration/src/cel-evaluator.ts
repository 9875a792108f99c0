import type { ASTNode } from '@marcbachmann/cel-js';
import type { Compiled, Unknown, Values } from './conditions.ts';

/** A checked expression as the CEL library runs it. */
export interface Checked {
  readonly program: { (context: Record<string, unknown>): unknown; readonly ast: ASTNode };
  readonly reads: Compiled<unknown>['reads'];
  /** The features among them whose value is a list or stands by name. */
  readonly structured?: readonly string[];
}

/** Asks the CEL library: what is missing is an error to it, and its rules for errors are ours for unknown. */
export function celEvaluator<Answer>({ program, reads, structured = [] }: Checked, read: (result: unknown) => Answer): (values: Values) => Answer | Unknown {
  return (values: Values): Answer | Unknown => {
    const context: Record<string, unknown> = { traits: present(values.traits, reads.traits) };
    Object.assign(context, present(values.features, reads.features));
    for (const name of structured) {
      const value = Object.hasOwn(values.features, name) ? values.features[name] : undefined;
      if (typeof value === 'object' && value !== null) context[name] = value;
    }
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
  if (error.code === 'no_such_key' && node?.op === '.') return `${ownerOf(node.args[0])}.${node.args[1]}`;
  if (error.code === 'no_such_key' && node?.op === '[]' && node.args[1].op === 'value') return `${ownerOf(node.args[0])}.${String(node.args[1].args)}`;
  return undefined;
}

/** Whose key is missing: the traits, or a feature with values by name. */
const ownerOf = (node: ASTNode): string => (node.op === 'id' ? node.args : 'traits');
