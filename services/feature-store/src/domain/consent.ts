import type { Leaf, Profile } from './profile.ts';
import type { ProfileRules } from './profile-rules.ts';

/**
 * Whether data of the profile may be used, for each purpose of the configuration: always on the bases contract and legal_obligation, until it is
 * denied on legitimate_interest, and once it is granted on consent. One leaf that denies denies for all.
 */
export function consentOf(profile: Profile, { purposes }: ProfileRules): Record<string, boolean> {
  const allowed: Record<string, boolean> = {};
  for (const [purpose, { basis }] of Object.entries(purposes)) allowed[purpose] = allows(basis, saidOf(profile, purpose));
  return allowed;
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
    if (consent.has(purpose) || consent.size < PURPOSES_MAX) consent.set(purpose, { granted, receivedAtMs });
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
