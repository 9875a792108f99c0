import type { Configuration } from '@attune/configuration/configuration';
import { noRules, type ProfileRules, rulesOf } from '../domain/profile-rules.ts';
import type { ProfilesState } from '../ports.ts';

/** Reads a document; answers the same object for the same document. @throws AttuneError CONFIGURATION_INVALID */
export type ReadConfiguration = (document: string) => Configuration;

const arranged = new WeakMap<Configuration, ProfileRules>();

/** The rules of a configuration, arranged once. */
export function rulesOfConfiguration(configuration: Configuration): ProfileRules {
  const known = arranged.get(configuration) ?? rulesOf(configuration);
  arranged.set(configuration, known);
  return known;
}

/** The rules that hold in a partition by its state; none before its first configuration. @throws AttuneError CONFIGURATION_INVALID */
export const activeRules = ({ active }: ProfilesState, read: ReadConfiguration): ProfileRules =>
  active === undefined ? noRules : rulesOfConfiguration(read(active.document));
