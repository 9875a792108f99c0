import type { ContractCase } from './check-contract.ts';
import { type EventContract, type FieldContract, fieldsOf } from './event-contract.ts';

/** The fields of a call, by who may read them in the log. */
export interface SplitFields {
  /** Traits that are neither personal nor sensitive; properties that are not personal and either declared open or of a type that holds no free words. They travel in clear. */
  readonly open: Readonly<Record<string, unknown>>;
  /** All others, whatever is not declared among them: travel sealed. */
  readonly personal: Readonly<Record<string, unknown>>;
}

/** Parts open from personal fields. Values stay as they are; each is in one of the two. */
export function splitFields({ type, name, fields }: Omit<ContractCase, 'source'>, contract: EventContract): SplitFields {
  const isOpen = type === 'identify' ? openTraits(contract) : openFields(type === 'track' ? fieldsOf(contract, name) : undefined);
  const entries = Object.entries(fields);
  return {
    open: Object.fromEntries(entries.filter(([field]) => isOpen(field))),
    personal: Object.fromEntries(entries.filter(([field]) => !isOpen(field))),
  };
}

const openTraits =
  ({ traits }: EventContract) =>
  (name: string): boolean => {
    const trait = Object.hasOwn(traits, name) ? traits[name] : undefined;
    return trait !== undefined && !trait.personal && !trait.sensitive;
  };

const openFields =
  (declared: ReturnType<typeof fieldsOf> = {}) =>
  (name: string): boolean =>
    Object.hasOwn(declared, name) && mayLieInClear(declared[name]);

/** A text, a list or an object may say anything, whatever its name promises. */
const WORDLESS: readonly FieldContract['type'][] = ['number', 'boolean', 'time'];

const mayLieInClear = (field: FieldContract | undefined): boolean =>
  field !== undefined && !field.personal && (field.open === true || WORDLESS.includes(field.type));
