import { isPersonal, needPersonal, type Profile } from './profile.ts';
import type { ProfileRules } from './profile-rules.ts';

/** Puts a profile under another configuration, in place: what that does not declare, or declares otherwise, is forgotten and starts empty. */
export function adoptRules(profile: Profile, rules: ProfileRules): void {
  needPersonal(profile);
  const declared = new Map(rules.features.map((feature) => [feature.declaration.name, feature.signature]));
  for (const { features, traits } of profile.leaves.values()) {
    for (const [name, { signature }] of features) if (declared.get(name) !== signature) features.delete(name);
    for (const [name, trait] of traits) {
      const known = rules.traits.get(name);
      if (known) traits.set(name, { ...trait, personal: isPersonal(known) });
      else traits.delete(name);
    }
  }
  profile.envelope = undefined;
  profile.version = rules.version;
}
