import type { Configuration } from '@attune/configuration/configuration';
import type { NamedValue, Position } from '@attune/contracts/messages/common/v1/common';
import { PredictionStatus, type PredictRequest, PredictResponse } from '@attune/contracts/messages/scoring/v1/scoring';
import { AttuneError } from '@attune/kernel/errors';
import { spelling } from '@attune/kernel/nearest';
import { type Prediction, predictRow } from '../domain/models/predict-row.ts';
import { type ModelRow, rowOfValues } from '../domain/models/row-of-values.ts';
import type { GetFeatures } from '../ports.ts';
import type { LoadedModel, Models } from './load-models.ts';

/** Scores a subject by a model. @throws AttuneError REQUEST_INVALID, SUBJECT_UNKNOWN, DEADLINE_EXCEEDED, STORE_UNAVAILABLE, KEY_UNAVAILABLE, SERVICE_UNAVAILABLE */
export type Predict = (tenant: string, request: PredictRequest) => Promise<PredictResponse>;

/** What predicting needs. */
export interface PredictPorts {
  readonly configuration: () => Configuration;
  readonly getFeatures: GetFeatures;
  readonly models: Models;
}

/** Reads the view of the model as consent allows, and answers what the model says of it. Writes nothing. */
export const predict =
  (ports: PredictPorts): Predict =>
  async (tenant, request) => {
    const loaded = modelNamed(ports.models, request.model);
    const read = await readView(ports, tenant, request, loaded);
    const row = rowOfValues(loaded.model, read.values, Number(read.nowMs));
    const unread = { missing: [...row.missing], withheld: [...row.withheld], stale: [...row.stale] };
    return PredictResponse.fromPartial({
      ...told(loaded, row, request),
      ...{ ...unread, model: loaded.model.name, modelVersion: loaded.version, configurationVersion: ports.configuration().version },
      ...{ purpose: read.purpose, viewVersion: read.viewVersion, profileId: read.profileId, position: read.position, nowMs: read.nowMs },
    });
  };

function modelNamed(models: Models, name: string): LoadedModel {
  const found = name === '' && models.size === 1 ? [...models.values()][0] : models.get(name);
  if (found !== undefined) return found;
  if (models.size === 0) throw new AttuneError('REQUEST_INVALID', 'Field: model. The configuration has no models.');
  throw new AttuneError(
    'REQUEST_INVALID',
    `Field: model. ${name === '' ? 'Name one.' : 'No model of that name is declared.'} ${spelling(name, models.keys())}`,
  );
}

interface ReadView {
  readonly values: readonly NamedValue[];
  readonly purpose: string;
  readonly viewVersion: string;
  readonly profileId: string;
  readonly position: Position | undefined;
  readonly nowMs: bigint;
}

async function readView(
  { getFeatures }: PredictPorts,
  tenant: string,
  { subject, purpose, atLeast }: PredictRequest,
  { model }: LoadedModel,
): Promise<ReadView> {
  if (subject?.id === undefined) throw new AttuneError('REQUEST_INVALID', 'Field: subject. Name it by user_id, anonymous_id or profile_id.');
  const own = purpose === '' ? model.purpose : purpose;
  const { rows, views } = await getFeatures(tenant, { subjects: [subject], features: [], views: [model.view], purpose: own, ...(atLeast && { atLeast }) });
  const [row] = rows;
  if (row === undefined || row.profileId === '') throw new AttuneError('SUBJECT_UNKNOWN');
  const { profileId, position, nowMs } = row;
  return { values: row.views[0]?.values ?? [], purpose: own, viewVersion: views[0]?.version ?? '', profileId, position, nowMs };
}

const statuses = {
  withheld: PredictionStatus.PREDICTION_STATUS_WITHHELD,
  not_enough_data: PredictionStatus.PREDICTION_STATUS_NOT_ENOUGH_DATA,
} as const;

function told({ model, trees, order }: LoadedModel, { refused, values }: ModelRow, { scoreOnly }: PredictRequest) {
  if (refused !== undefined) return { status: statuses[refused] };
  const inputs = Float64Array.from(order, (place) => values[place] ?? Number.NaN);
  const made = predictRow(trees, inputs, { explained: model.contributions && !scoreOnly });
  const names = order.map((place) => model.inputs[place]?.name ?? '');
  return { status: PredictionStatus.PREDICTION_STATUS_MADE, ...made, classes: [...made.classes], contributions: contributionsOf(made, names, inputs) };
}

const contributionsOf = ({ contributions }: Prediction, names: readonly string[], inputs: Float64Array) =>
  [...contributions].map((contribution, i) => {
    const input = inputs[i] ?? Number.NaN;
    return { feature: names[i] ?? '', contribution, ...(Number.isNaN(input) ? {} : { input }) };
  });
