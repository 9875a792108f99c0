import { changed, type IdentityChange } from './identity-history.ts';
import type { Identity } from './resolve-identity.ts';

/** Why an identifier joins nobody: a device with too many `customers`, or a customer with too many `devices`. */
export type QuarantineReason = 'customers' | 'devices';

/** An identifier that is quarantined. */
export interface Quarantined {
  /** In ms since 1970, by the time of its own records. */
  readonly sinceMs: number;
  readonly reason: QuarantineReason;
}

/** A device is handed on between so many customers in 30 days, and so often within a day: whoever has more is a till, a library or a test. */
export const CUSTOMERS_MAX = 4;
export const HANDED_ON_A_DAY_MAX = 16;
const DAY_MS = 86_400_000;
const CUSTOMERS_WITHIN_MS = 30 * DAY_MS;

/** Whether a device that `profileId` is seen with at `atMs` was seen with too many by now; what came before it was last allowed counts no more. */
export function isRunaway({ changes = [] }: Identity, profileId: string, atMs: number): boolean {
  const since = changes.findLastIndex(({ kind }) => kind === 'allowed') + 1;
  const joined = changes.slice(since).filter(({ kind }) => kind !== 'quarantined');
  const within = (windowMs: number): readonly IdentityChange[] => joined.filter((one) => one.atMs > atMs - windowMs);
  if (within(DAY_MS).filter(({ kind }) => kind === 'handed_on').length >= HANDED_ON_A_DAY_MAX) return true;
  const customers = new Set(within(CUSTOMERS_WITHIN_MS).map(({ to }) => to));
  return customers.add(profileId).size > CUSTOMERS_MAX;
}

/**
 * Lets an identifier be joined again, from the next record that names it with a customer; that one has what comes after, not what came while it was nobody's.
 * Undefined where it is not quarantined. Does not edit what it is given.
 */
export function allowIdentity(identity: Identity | undefined, { atMs, record }: Pick<IdentityChange, 'atMs' | 'record'>): Identity | undefined {
  if (identity === undefined || (identity.quarantined === undefined && identity.bond !== 'shared')) return undefined;
  const { quarantined: _, bond, ...rest } = identity;
  const { profileId } = identity;
  return { ...changed(rest, { kind: 'allowed', atMs, from: profileId, to: profileId, by: '', record }), ...(bond && { bond: 'linked' }) };
}

/** By the keyed hash of its identifier, what is quarantined in a partition. */
export type QuarantineList = ReadonlyMap<string, Quarantined>;

/** So many are listed of a partition; where there are more the oldest are quarantined unlisted. */
export const LISTED_MAX = 1_000;

/** The list with one more. Does not edit what it is given. */
export const listed = (list: QuarantineList, leaf: string, one: Quarantined): QuarantineList =>
  new Map([...[...list].filter(([other]) => other !== leaf), [leaf, one] as const].slice(-LISTED_MAX));

/** The list without one. Does not edit what it is given. */
export const unlisted = (list: QuarantineList, leaf: string): QuarantineList => new Map([...list].filter(([other]) => other !== leaf));
