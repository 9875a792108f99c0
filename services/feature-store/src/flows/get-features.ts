import { type NamedValue, type Subject, ValueStatus } from '@attune/contracts/messages/common/v1/common';
import type { FeatureRow, GetFeaturesRequest, GetFeaturesResponse } from '@attune/contracts/messages/features/v1/features';
import { AttuneError, codeOf } from '@attune/kernel/errors';
import { spelling } from '@attune/kernel/nearest';
import type { ProfileRules } from '../domain/profile-rules.ts';
import { telling } from './get-profile.ts';
import { openFor } from './open-for.ts';
import { checkPurposes, ownRules, profileIdOfSubject, type ReadPorts, readAllStored, type StoredProfile } from './read-stored.ts';
import { readerOf } from './value-readers.ts';

/** Reads some values of several profiles for a purpose. */
export type GetFeatures = (tenant: string, request: GetFeaturesRequest) => Promise<GetFeaturesResponse>;

const SUBJECTS_MAX = 100;
const NAMES_MAX = 200;

/**
 * Rows and values in the order asked for; features by name, one value of a feature that has them by name as `<feature>.<name>`, traits as `traits.<name>`; all features where no name is given. A subject that is not known has
 * a row of MISSING. @throws AttuneError REQUEST_INVALID, STORE_UNAVAILABLE, KEY_UNAVAILABLE
 */
export const getFeatures =
  (ports: ReadPorts): GetFeatures =>
  async (tenant, { subjects, features, purpose }) => {
    checkSubjects(subjects);
    if (features.length > NAMES_MAX) throw new AttuneError('REQUEST_INVALID', `Field: features. At most ${NAMES_MAX} are answered.`);
    const own = ownRules(ports);
    checkPurposes(own, 'purpose', [purpose]);
    const names = namesAsked(own, features);
    const ids = await Promise.all(subjects.map((subject) => knownId(ports, tenant, subject)));
    const stored = await readAllStored(
      ports,
      tenant,
      ids.filter((id) => id !== undefined),
    );
    const rowOfId = (id: string | undefined): Promise<FeatureRow> | FeatureRow => {
      const found = id === undefined ? undefined : stored.get(id);
      return found === undefined
        ? { profileId: '', values: names.map(missing), position: undefined, nowMs: 0n }
        : rowOf(ports, tenant, found, { names, purpose });
    };
    return { rows: await Promise.all(ids.map(rowOfId)) };
  };

function checkSubjects(subjects: readonly Subject[]): void {
  if (subjects.length > SUBJECTS_MAX) throw new AttuneError('REQUEST_INVALID', `Field: subjects. At most ${SUBJECTS_MAX} are answered.`);
  const nameless = subjects.findIndex(({ id }) => id === undefined || id.value === '');
  if (nameless >= 0) throw new AttuneError('REQUEST_INVALID', `Field: subjects[${nameless}]. Name it by user_id, anonymous_id or profile_id.`);
}

function namesAsked(rules: ProfileRules, asked: readonly string[]): readonly string[] {
  const { features, traits } = rules;
  const all = features.map(({ declaration }) => declaration.name);
  if (asked.length === 0) return all;
  const known = new Set([...all, ...[...traits.keys()].map((name) => `traits.${name}`)]);
  const unknown = asked.findIndex((name) => readerOf(rules, name) === undefined);
  if (unknown >= 0)
    throw new AttuneError(
      'REQUEST_INVALID',
      `Field: features[${unknown}]. No feature or trait of that name is declared. ${spelling(asked[unknown] ?? '', known)}`,
    );
  return asked;
}

/** Undefined for a subject that is not known. */
async function knownId(ports: ReadPorts, tenant: string, subject: Subject): Promise<string | undefined> {
  try {
    return await profileIdOfSubject(ports, tenant, subject);
  } catch (fault) {
    if (codeOf(fault) === 'SUBJECT_UNKNOWN') return undefined;
    throw fault;
  }
}

interface ValuesAsked {
  readonly names: readonly string[];
  readonly purpose: string;
}

async function rowOf(ports: ReadPorts, tenant: string, stored: StoredProfile, { names, purpose }: ValuesAsked): Promise<FeatureRow> {
  const { profileId, profile, rules, position, nowMs } = stored;
  if (profile === undefined) return { profileId, values: names.map(missing), position, nowMs: BigInt(nowMs) };
  const wanted = names.map((name) => readerOf(rules, name));
  await openFor(ports, tenant, stored, { readers: wanted, purpose });
  const tell = telling(stored, purpose);
  const values = wanted.map((reader, i) => (reader ? tell(reader.read(profile, nowMs)) : missing(names[i] ?? '')));
  return { profileId, values, position, nowMs: BigInt(nowMs) };
}

const missing = (name: string): NamedValue => ({ name, status: ValueStatus.VALUE_STATUS_MISSING, value: undefined, eventTimeMs: 0n });
