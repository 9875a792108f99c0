import { type NamedValue, ValueStatus } from '@attune/contracts/messages/common/v1/common';
import type { AskedValues } from './features-asked.ts';
import { telling } from './get-profile.ts';
import { openFor } from './open-for.ts';
import type { ReadPorts, StoredProfile } from './read-stored.ts';
import { readersOf, sealedReaders } from './value-readers.ts';

const { VALUE_STATUS_MISSING: MISSING, VALUE_STATUS_PRESENT: PRESENT, VALUE_STATUS_STALE: STALE } = ValueStatus;

/** Opens the personal parts of a profile where one of the values may lie among them and the purpose may know it; undefined where there is nothing to open. @throws AttuneError KEY_UNAVAILABLE */
export function openedFor(
  ports: Pick<ReadPorts, 'ring' | 'codec'>,
  tenant: string,
  stored: StoredProfile,
  { names, purpose }: Pick<AskedValues, 'names' | 'purpose'>,
): Promise<void> | undefined {
  if (stored.profile?.personal !== 'closed') return undefined;
  const readers = sealedReaders(readersOf(stored.rules, names), purpose);
  return readers.length === 0 ? undefined : openFor(ports, tenant, stored, { readers, purpose });
}

/** The values of a profile whose personal parts are open, or withheld from the purpose, in the order asked for, with their ages; STALE where the newest event is older than the maximum age of the view, else of the feature. */
export function toldValues(stored: StoredProfile, { names, purpose, maxAgeMs }: AskedValues): NamedValue[] {
  const { profile, rules, nowMs } = stored;
  if (profile === undefined) return names.map(undeclared);
  const readers = readersOf(rules, names);
  const tell = telling(stored, purpose);
  return readers.map((reader, i) => (reader ? aged(tell(reader.read(profile, nowMs)), nowMs, maxAgeMs ?? reader.maxAgeMs) : undeclared(names[i] ?? '')));
}

/** An event may lie ahead of the clock: its age is 0. What is withheld or erased has no event time here. */
function aged(value: NamedValue, nowMs: number, maxAgeMs = Number.POSITIVE_INFINITY): NamedValue {
  if (value.eventTimeMs === 0n) return value;
  const ageMs = Math.max(0, nowMs - Number(value.eventTimeMs));
  value.ageMs = BigInt(ageMs);
  if (ageMs > maxAgeMs && value.status === PRESENT) value.status = STALE;
  return value;
}

/** Of a name that the profile's own configuration does not have yet, or no longer. */
const undeclared = (name: string): NamedValue => ({ name, status: MISSING, value: undefined, eventTimeMs: 0n, ageMs: undefined });
