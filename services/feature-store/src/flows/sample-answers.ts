import { GetFeaturesRequest, type GetFeaturesResponse } from '@attune/contracts/messages/features/v1/features';
import type { EventLog } from '@attune/event-log/port';
import { unitHash } from '@attune/kernel/hash';
import type { ProfileRules } from '../domain/profile-rules.ts';
import { ACTIVITY, CONFIGURATION_RECORD } from './state-keys.ts';

const READ_MAX = 1_000;
/** As many as one call takes. */
const SUBJECTS_MAX = 100;
const VIEWS_MAX = 50;
const NAMES_MAX = 200;

/** So many profiles of the log, drawn by the seed; all where there are fewer. @throws AttuneError LOG_UNAVAILABLE */
export async function sampleProfiles(log: Pick<EventLog, 'identity' | 'bounds' | 'read'>, count: number, seed: string): Promise<readonly string[]> {
  const places = new Map<string, number>();
  const { partitions } = await log.identity(ACTIVITY);
  for (let partition = 0; partition < partitions; partition++) {
    const { startOffset, endOffset } = await log.bounds(ACTIVITY, partition);
    for (let next = startOffset; next < endOffset; ) {
      const records = await log.read(ACTIVITY, partition, next, READ_MAX);
      for (const { key } of records) if (key !== CONFIGURATION_RECORD && !places.has(key)) places.set(key, unitHash(`${seed}/${key}`));
      next = (records.at(-1)?.offset ?? endOffset) + 1;
    }
  }
  return [...places]
    .toSorted(([, a], [, b]) => a - b)
    .slice(0, count)
    .map(([profileId]) => profileId);
}

/** The calls that ask all features, traits and views of these profiles for a purpose. */
export function requestsFor({ features, traits, views }: ProfileRules, purpose: string, profileIds: readonly string[]): readonly GetFeaturesRequest[] {
  const told = [...traits].flatMap(([name, { sensitive }]) => (sensitive ? [] : [`traits.${name}`]));
  const names = [...features.map(({ declaration }) => declaration.name), ...told].slice(0, NAMES_MAX);
  const starts = Array.from({ length: Math.ceil(profileIds.length / SUBJECTS_MAX) }, (_, i) => i * SUBJECTS_MAX);
  return starts.map((start) =>
    GetFeaturesRequest.fromPartial({
      subjects: profileIds.slice(start, start + SUBJECTS_MAX).map((value) => ({ id: { $case: 'profileId', value } })),
      features: names,
      views: [...views.keys()].slice(0, VIEWS_MAX),
      purpose,
    }),
  );
}

/** An answer with the purpose that it was asked for. */
export interface AskedAnswer {
  readonly purpose: string;
  readonly response: GetFeaturesResponse;
}
