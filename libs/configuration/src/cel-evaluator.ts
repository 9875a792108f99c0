import type { ASTNode } from '@marcbachmann/cel-js';
import type { Compiled, Unknown, Values } from './conditions.ts';

/** A checked expression as the CEL library runs it. */
export interface Checked {
  readonly program: { (context: Record<string, unknown>): unknown; readonly ast: ASTNode };
  readonly reads: Compiled<unknown>['reads'];
}

/** Asks the CEL library: what is missing is an error to it, and its rules for errors are ours for unknown. */
export function celEvaluator<Answer>({ program, reads }: Checked, read: (result: unknown) => Answer): (values: Values) => Answer | Unknown {
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
