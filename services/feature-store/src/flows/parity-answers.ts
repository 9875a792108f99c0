import type { NamedValue } from '@attune/contracts/messages/common/v1/common';
import { GetFeaturesResponse } from '@attune/contracts/messages/features/v1/features';
import { DecisionInputs } from '@attune/contracts/messages/log/v1/log';
import { AttuneError, codeOf } from '@attune/kernel/errors';
import type { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import type { DecisionMoment } from './find-decisions.ts';
import { ACTIVITY } from './state-keys.ts';
import type { PlacedMoment } from './take-moments.ts';

/** Values of one profile as they were served once, with place and moment. */
export interface ServedAnswer extends PlacedMoment {
  /** What served them, such as `view buying_habit` or `decision d_…`. */
  readonly source: string;
  readonly purpose: string;
  /** Of the view; undefined = as each feature says. */
  readonly view?: string;
  readonly values: readonly NamedValue[];
  /** True for what a decision keeps, which has neither ages nor what is stale. */
  readonly ageless: boolean;
}

/** The answers of one GetFeatures call that asked for `purpose`; rows of nobody have none. */
export function answersOf({ rows, views }: GetFeaturesResponse, purpose: string): readonly ServedAnswer[] {
  return rows.flatMap(({ profileId, position, nowMs, values, views: viewed }): readonly ServedAnswer[] => {
    if (profileId === '' || position?.topic !== ACTIVITY) return [];
    const at = { profileId, atMs: Number(nowMs), partition: position.partition, offset: Number(position.offset), ageless: false };
    const features = values.length === 0 ? [] : [{ ...at, source: 'features', purpose, values }];
    return [
      ...features,
      ...viewed.map(({ view, values: of }) => ({
        ...at,
        source: `view ${view}`,
        view,
        purpose: views.find(({ name }) => name === view)?.purpose ?? purpose,
        values: of,
      })),
    ];
  });
}

/** A line of a file of answers. */
export const answerLine = (response: GetFeaturesResponse, purpose: string): string =>
  JSON.stringify({ purpose, response: GetFeaturesResponse.toJSON(response) });

/** What such a line says. @throws AttuneError REQUEST_INVALID for another */
export function answersInLine(line: string): readonly ServedAnswer[] {
  try {
    const { purpose, response } = JSON.parse(line) as { readonly purpose: string; readonly response: unknown };
    return answersOf(GetFeaturesResponse.fromJSON(response), purpose);
  } catch (fault) {
    throw new AttuneError('REQUEST_INVALID', 'A line of the answers is not JSON such as {"purpose": …, "response": …}.', fault);
  }
}

/** What a decision kept of the profile; undefined where the key was destroyed. @throws AttuneError KEY_UNAVAILABLE */
export async function answerOfDecision(ring: KeyRing, tenant: string, moment: DecisionMoment): Promise<ServedAnswer | undefined> {
  const { profileId, decision } = moment;
  const { id, purpose, inputs } = decision;
  if (inputs === undefined) return undefined;
  await ring.load(tenant, [subjectKey(profileId)]);
  try {
    const { values } = DecisionInputs.decode(ring.open(inputs, { tenant, subject: profileId, id }));
    return { ...moment, source: `decision ${id}`, purpose, values, ageless: true };
  } catch (fault) {
    if (codeOf(fault) === 'ERASED') return undefined;
    throw fault;
  }
}
