import type { NamedReading } from './read-profile.ts';

/** What may be told of a value for a purpose. */
export type Disclosure = 'present' | 'missing' | 'withheld' | 'erased';

/** For whom and what a value is read. */
export interface Disclosing {
  readonly purpose: string;
  /** What consent says of the purpose. */
  readonly allowed: boolean;
  /** True when the customer's key was destroyed. */
  readonly erased: boolean;
}

/** Whether a value may be told: withheld where the purpose is not among its own or consent does not allow it, erased where it was personal and the key is gone. */
export function disclose({ value, personal, sensitive, purposes }: NamedReading, { purpose, allowed, erased }: Disclosing): Disclosure {
  if (!allowed || !purposes.includes(purpose)) return 'withheld';
  if ((personal || sensitive) && erased) return 'erased';
  return value === undefined ? 'missing' : 'present';
}
