import type { ContractCase } from './check-contract.ts';
import { type EventContract, fieldsOf } from './event-contract.ts';

/** The fields of a call, by who may read them in the log. */
export interface SplitFields {
  /** Declared, and not personal: travel in clear. */
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
    Object.hasOwn(declared, name) && declared[name]?.personal === false;
