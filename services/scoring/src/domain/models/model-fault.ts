/** Why a model file cannot be used: what is wrong in one sentence, and what to do. Thrown while a file is read, and told as a value by `readTreeModel`. */
export class ModelFault extends Error {
  readonly fault: string;
  readonly fix: string;
  constructor(fault: string, fix: string) {
    super(fault);
    this.name = 'ModelFault';
    this.fault = fault;
    this.fix = fix;
  }
}

/** What to do about a file that was cut, or edited by hand. */
export const SAVE_AGAIN = 'Save the model again with the library, and copy the whole file.';

/** A finite number; `what` names it for the fault. @throws ModelFault */
export function finite(value: unknown, what: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw new ModelFault(`${what} is ${shown(value)}, not a finite number.`, SAVE_AGAIN);
}

/** A whole number from 0 to `max`. @throws ModelFault */
export function whole(value: unknown, what: string, max: number): number {
  const number = finite(value, what);
  if (Number.isInteger(number) && number >= 0 && number <= max) return number;
  throw new ModelFault(`${what} is ${shown(value)}; a whole number from 0 to ${max} belongs there.`, SAVE_AGAIN);
}

/** A mapping. @throws ModelFault */
export function mapping(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw new ModelFault(value === undefined ? `${what} is missing.` : `${what} is not a mapping.`, SAVE_AGAIN);
}

/** A list, of so many entries where that is said. @throws ModelFault */
export function list(value: unknown, what: string, length?: number): readonly unknown[] {
  if (!Array.isArray(value)) throw new ModelFault(value === undefined ? `${what} is missing.` : `${what} is not a list.`, SAVE_AGAIN);
  if (length === undefined || value.length === length) return value;
  throw new ModelFault(`${what} has ${value.length} entries instead of ${length}.`, SAVE_AGAIN);
}

/** A written value in a message: short, and in one line. */
export const shown = (value: unknown): string => (value === undefined ? 'missing' : String(value).replaceAll(/\s+/g, ' ').slice(0, 60));
