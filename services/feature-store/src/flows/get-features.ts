import { type NamedValue, type Position, type Subject, ValueStatus } from '@attune/contracts/messages/common/v1/common';
import type { FeatureRow, GetFeaturesRequest, GetFeaturesResponse } from '@attune/contracts/messages/features/v1/features';
import { AttuneError } from '@attune/kernel/errors';
import { type FeaturesAsked, featuresAsked } from './features-asked.ts';
import { AT_LEAST_LATE, checkAtLeast, know, untilEnough, type WaitPorts } from './reach-position.ts';
import { ownRules, profileIdsOfSubjects, type ReadPorts, readAllStored, type StoredProfile } from './read-stored.ts';
import { openedFor, toldValues } from './served-values.ts';

/** Reads some values of several profiles. */
export type GetFeatures = (tenant: string, request: GetFeaturesRequest) => Promise<GetFeaturesResponse>;

/** What it needs beside reading. */
export interface GetFeaturesPorts extends ReadPorts, WaitPorts {}

const SUBJECTS_MAX = 100;

/**
 * Rows and values in the order asked for; features by name, one value of a feature that has them by name as `<feature>.<name>`, traits as `traits.<name>`; all features where neither name nor view is given.
 * A subject that is not known has a row of NOT_FOUND. @throws AttuneError REQUEST_INVALID, STORE_UNAVAILABLE, KEY_UNAVAILABLE, DEADLINE_EXCEEDED where `at_least` is not reached within 3 s
 */
export const getFeatures =
  (ports: GetFeaturesPorts): GetFeatures =>
  async (tenant, request) => {
    const { subjects, atLeast } = request;
    checkSubjects(subjects);
    if (atLeast !== undefined) checkAtLeast(atLeast, subjects.length);
    const asked = featuresAsked(ownRules(ports), request);
    const views = asked.views.map(({ view: { name, version }, purpose }) => ({ name, version, purpose }));
    return { rows: await featureRows(ports, tenant, { subjects, asked, ...(atLeast && { atLeast }) }), views };
  };

/** Whom and what a call asks. */
export interface RowsAsked {
  readonly subjects: readonly Subject[];
  readonly asked: FeaturesAsked;
  /** What the rows must know. */
  readonly atLeast?: Position;
}

/** One row a subject, in the order asked for, however many: they are resolved in one call, and read in one call of the store a partition. @throws AttuneError STORE_UNAVAILABLE, KEY_UNAVAILABLE, DEADLINE_EXCEEDED */
export async function featureRows(ports: GetFeaturesPorts, tenant: string, { subjects, asked, atLeast }: RowsAsked): Promise<FeatureRow[]> {
  const look = async () => {
    const ids = await profileIdsOfSubjects(ports, tenant, subjects);
    return { ids, stored: await readAllStored(ports, tenant, new Set(ids.filter((id) => id !== undefined))) };
  };
  const { ids, stored } = atLeast
    ? await untilEnough(ports, {
        look,
        enough: ({ stored }) => know(stored.values(), atLeast),
        of: ({ stored }) => ({ tenant, profileIds: idsOf(stored) }),
        late: AT_LEAST_LATE,
      })
    : await look();
  const groups = [...(asked.features ? [asked.features] : []), ...asked.views];
  const openings = [...stored.values()].flatMap((found) => groups.flatMap((group) => openedFor(ports, tenant, found, group) ?? []));
  if (openings.length > 0) await Promise.all(openings);
  const nobody = rowOfNobody(asked, NOT_FOUND);
  return ids.map((id) => {
    const found = id === undefined ? undefined : stored.get(id);
    if (found === undefined) return nobody;
    const { profileId, profile, erasedAtMs, position, nowMs } = found;
    if (erasedAtMs !== undefined) return { ...rowOfNobody(asked, ERASED), profileId, position, nowMs: BigInt(nowMs) };
    return profile === undefined ? { ...nobody, profileId, position, nowMs: BigInt(nowMs) } : rowOf(found, asked);
  });
}

/** The profiles that were asked for, and those that visitors became part of. */
const idsOf = (stored: ReadonlyMap<string, StoredProfile>): readonly string[] => [...stored].flatMap(([id, { profileId }]) => [id, profileId]);

function checkSubjects(subjects: readonly Subject[]): void {
  if (subjects.length > SUBJECTS_MAX) throw new AttuneError('REQUEST_INVALID', `Field: subjects. At most ${SUBJECTS_MAX} are answered.`);
  const nameless = subjects.findIndex(({ id }) => id === undefined || id.value === '');
  if (nameless >= 0) throw new AttuneError('REQUEST_INVALID', `Field: subjects[${nameless}]. Name it by user_id, anonymous_id or profile_id.`);
}

function rowOf(stored: StoredProfile, { features, views }: FeaturesAsked): FeatureRow {
  const { profileId, position, nowMs } = stored;
  const viewed = views.map((asked) => ({ view: asked.view.name, values: toldValues(stored, asked) }));
  return { profileId, values: features === undefined ? [] : toldValues(stored, features), position, nowMs: BigInt(nowMs), views: viewed };
}

const { VALUE_STATUS_NOT_FOUND: NOT_FOUND, VALUE_STATUS_ERASED: ERASED } = ValueStatus;

/** Of somebody who is not known, or was erased: every value with the status that says so. */
const rowOfNobody = ({ features, views }: FeaturesAsked, status: ValueStatus): FeatureRow => ({
  profileId: '',
  values: features?.names.map((name) => absent(name, status)) ?? [],
  position: undefined,
  nowMs: 0n,
  views: views.map(({ view, names }) => ({ view: view.name, values: names.map((name) => absent(name, status)) })),
});

const absent = (name: string, status: ValueStatus): NamedValue => ({ name, status, value: undefined, eventTimeMs: 0n, ageMs: undefined });
