import type { Leaf, Profile } from './profile.ts';
import type { ProfileRules } from './profile-rules.ts';

/** The word that restricts all processing where it is denied; no purpose of a configuration has this name. */
export const RESTRICTED = '*';

/** The word that objects to profiling where it is denied. */
export const OBJECTED = '*profiling';

/**
 * Whether data of the profile may be used, for each purpose of the configuration: always on the bases contract and legal_obligation, until it is
 * denied on legitimate_interest, and once it is granted on consent. One leaf that denies denies for all. Whoever objects to profiling allows nothing beyond
 * contract and law, and where processing is restricted only the law is left.
 */
export function consentOf(profile: Profile, { purposes }: ProfileRules): Record<string, boolean> {
  const allowed: Record<string, boolean> = {};
  const limits = limitsOf(profile);
  for (const [purpose, { basis }] of Object.entries(purposes)) allowed[purpose] = leaves(limits, basis) && allows(basis, saidOf(profile, purpose));
  return allowed;
}

/** What a customer asked for beside purposes. */
export interface Limits {
  readonly restricted: boolean;
  readonly objects: boolean;
}

/** What limits the use of a profile's data, whatever was said of purposes. */
export const limitsOf = (profile: Profile): Limits => ({ restricted: saidOf(profile, RESTRICTED) === false, objects: saidOf(profile, OBJECTED) === false });

function leaves({ restricted, objects }: Limits, basis: string): boolean {
  if (basis === 'legal_obligation') return true;
  return !restricted && (!objects || basis === 'contract');
}

/** Purposes that words are kept for in one leaf, whether or not the configuration declares them yet. */
const PURPOSES_MAX = 64;

/**
 * Notes what was said of purposes, in place. The word that stands later in the log counts, whatever the clocks of the doors said: whoever was answered that
 * a denial holds may rely on it. The log keeps the words of one identifier in the order in which they were answered.
 */
export function hearConsent(
  { consent }: Leaf,
  { purposes, receivedAtMs }: { readonly purposes: Readonly<Record<string, boolean>>; readonly receivedAtMs: number },
): void {
  for (const [purpose, granted] of Object.entries(purposes)) {
    if (consent.has(purpose) || consent.size < PURPOSES_MAX || purpose === RESTRICTED || purpose === OBJECTED) consent.set(purpose, { granted, receivedAtMs });
  }
}

function allows(basis: string, granted: boolean | undefined): boolean {
  if (basis === 'contract' || basis === 'legal_obligation') return true;
  return basis === 'legitimate_interest' ? granted !== false : granted === true;
}

/** False when any leaf denies, true when one grants and none denies. */
function saidOf(profile: Profile, purpose: string): boolean | undefined {
  let granted: boolean | undefined;
  for (const { consent } of profile.leaves.values()) {
    const said = consent.get(purpose);
    if (said) granted = said.granted && granted !== false;
  }
  return granted;
}
