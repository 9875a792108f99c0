import { type NamedValue, type Subject, ValueStatus } from '@attune/contracts/messages/common/v1/common';
import type { FeatureRow, GetFeaturesRequest, GetFeaturesResponse } from '@attune/contracts/messages/features/v1/features';
import { AttuneError, codeOf } from '@attune/kernel/errors';
import { type AskedValues, type FeaturesAsked, featuresAsked } from './features-asked.ts';
import { telling } from './get-profile.ts';
import { openFor } from './open-for.ts';
import { ownRules, profileIdOfSubject, type ReadPorts, readAllStored, type StoredProfile } from './read-stored.ts';
import { readersOf } from './value-readers.ts';

/** Reads some values of several profiles. */
export type GetFeatures = (tenant: string, request: GetFeaturesRequest) => Promise<GetFeaturesResponse>;

const SUBJECTS_MAX = 100;

/**
 * Rows and values in the order asked for; features by name, one value of a feature that has them by name as `<feature>.<name>`, traits as `traits.<name>`; all features where neither name nor view is given.
 * A subject that is not known has a row of MISSING. @throws AttuneError REQUEST_INVALID, STORE_UNAVAILABLE, KEY_UNAVAILABLE
 */
export const getFeatures =
  (ports: ReadPorts): GetFeatures =>
  async (tenant, request) => {
    checkSubjects(request.subjects);
    const asked = featuresAsked(ownRules(ports), request);
    const views = asked.views.map(({ view: { name, version }, purpose }) => ({ name, version, purpose }));
    return { rows: await featureRows(ports, tenant, { subjects: request.subjects, asked }), views };
  };

/** Whom and what a call asks. */
export interface RowsAsked {
  readonly subjects: readonly Subject[];
  readonly asked: FeaturesAsked;
}

/** One row a subject, in the order asked for. @throws AttuneError STORE_UNAVAILABLE, KEY_UNAVAILABLE */
export async function featureRows(ports: ReadPorts, tenant: string, { subjects, asked }: RowsAsked): Promise<FeatureRow[]> {
  const ids = await Promise.all(subjects.map((subject) => knownId(ports, tenant, subject)));
  const stored = await readAllStored(
    ports,
    tenant,
    ids.filter((id) => id !== undefined),
  );
  const nobody = rowOfNobody(asked);
  return Promise.all(
    ids.map((id) => {
      const found = id === undefined ? undefined : stored.get(id);
      if (found === undefined) return nobody;
      const { profileId, profile, position, nowMs } = found;
      return profile === undefined ? { ...nobody, profileId, position, nowMs: BigInt(nowMs) } : rowOf(ports, tenant, found, asked);
    }),
  );
}

function checkSubjects(subjects: readonly Subject[]): void {
  if (subjects.length > SUBJECTS_MAX) throw new AttuneError('REQUEST_INVALID', `Field: subjects. At most ${SUBJECTS_MAX} are answered.`);
  const nameless = subjects.findIndex(({ id }) => id === undefined || id.value === '');
  if (nameless >= 0) throw new AttuneError('REQUEST_INVALID', `Field: subjects[${nameless}]. Name it by user_id, anonymous_id or profile_id.`);
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

async function rowOf(ports: ReadPorts, tenant: string, stored: StoredProfile, { features, views }: FeaturesAsked): Promise<FeatureRow> {
  const { profileId, position, nowMs } = stored;
  const values = features === undefined ? [] : await valuesOf(ports, tenant, stored, features);
  const viewed: FeatureRow['views'] = [];
  for (const asked of views) viewed.push({ view: asked.view.name, values: await valuesOf(ports, tenant, stored, asked) });
  return { profileId, values, position, nowMs: BigInt(nowMs), views: viewed };
}

async function valuesOf(ports: ReadPorts, tenant: string, stored: StoredProfile, { names, purpose }: AskedValues): Promise<NamedValue[]> {
  const { profile, rules, nowMs } = stored;
  if (profile === undefined) return names.map(missing);
  const readers = readersOf(rules, names);
  await openFor(ports, tenant, stored, { readers, purpose });
  const tell = telling(stored, purpose);
  return readers.map((reader, i) => (reader ? tell(reader.read(profile, nowMs)) : missing(names[i] ?? '')));
}

const rowOfNobody = ({ features, views }: FeaturesAsked): FeatureRow => ({
  profileId: '',
  values: features?.names.map(missing) ?? [],
  position: undefined,
  nowMs: 0n,
  views: views.map(({ view, names }) => ({ view: view.name, values: names.map(missing) })),
});

const missing = (name: string): NamedValue => ({ name, status: ValueStatus.VALUE_STATUS_MISSING, value: undefined, eventTimeMs: 0n });
