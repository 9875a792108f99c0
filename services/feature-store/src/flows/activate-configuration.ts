import type { Activity } from '@attune/contracts/messages/log/v1/log';
import { type Definitions, redefined } from '../domain/segment-definitions.ts';
import type { ActiveConfiguration, ProfilesState } from '../ports.ts';
import { type ReadConfiguration, rulesOfConfiguration } from './active-rules.ts';

/** Earlier versions whose definitions are known: a profile that was not looked at since takes every segment as redefined. */
const EARLIER_MAX = 8;

/**
 * Takes a configuration as the active one of a partition, or that all its profiles were looked at under it, in place. The version is kept apart as well, so that a read need
 * not fetch the document.
 */
export function activateConfiguration(state: ProfilesState, companion: ProfilesState, { record }: Activity, read: ReadConfiguration): void {
  const { active } = companion;
  if (record?.$case === 'segmentsRecomputed') {
    if (active === undefined || active.version !== record.value.version) return;
    companion.active = { ...withoutRecomputing(active) };
  } else if (record?.$case === 'configuration') {
    const { version, document } = record.value;
    if (active?.document !== document) companion.active = { version, document, ...since(active, version, () => definitionsOf(document, read), read) };
  } else return;
  if (companion.active) state.active = { version: companion.active.version, document: '', ...(companion.active.recomputing && { recomputing: true }) };
}

const withoutRecomputing = ({ recomputing: _, ...active }: ActiveConfiguration): ActiveConfiguration => active;

const definitionsOf = (document: string, read: ReadConfiguration): Definitions => rulesOfConfiguration(read(document)).definitions;

/** What is known of the versions before `version`, and whether a definition changed that profiles are to be looked at under. */
function since(
  before: ActiveConfiguration | undefined,
  version: string,
  definitions: () => Definitions,
  read: ReadConfiguration,
): Pick<ActiveConfiguration, 'earlier' | 'recomputing'> {
  if (before === undefined) return {};
  const last = definitionsOf(before.document, read);
  const earlier = [{ version: before.version, definitions: last }, ...(before.earlier ?? [])].filter((one) => one.version !== version).slice(0, EARLIER_MAX);
  const recomputing = before.recomputing === true || redefined(definitions(), last).size > 0;
  return { earlier, ...(recomputing && { recomputing }) };
}

/** The definitions of segments in an earlier version of the configuration. */
export const definitionsIn =
  ({ active }: ProfilesState) =>
  (version: string): Definitions | undefined =>
    active?.earlier?.find((one) => one.version === version)?.definitions;
