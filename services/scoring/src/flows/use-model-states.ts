import { ModelStateActivated } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import { tenantOf } from '@attune/processor/definition';
import type { ModelStates } from './follow-model-states.ts';
import { newPartition, type ScoringState } from './partition-state.ts';
import { typeOf } from './records.ts';

/** The states that are in use, and those that these records put into use. */
export async function prepareModels(
  models: Pick<ModelStates, 'load'>,
  records: readonly LogRecord[],
  states: ReadonlyMap<string, ScoringState>,
): Promise<void> {
  for (const [key, { partition }] of states)
    for (const [model, state] of Object.entries(partition?.models ?? {})) await models.load(tenantOf(key), model, state);
  for (const { tenant, value } of records.filter((record) => typeOf(record) === 'ModelStateActivated')) {
    const { model, name, number } = ModelStateActivated.decode(value);
    await models.load(tenant, model, { name, number: Number(number) });
  }
}

/** From here on, unless a newer one is in use already. */
export function useState({ value }: LogRecord, companion: ScoringState) {
  const { model, name, number } = ModelStateActivated.decode(value);
  companion.partition ??= newPartition();
  companion.partition.models ??= {};
  if ((companion.partition.models[model]?.number ?? 0) < Number(number)) companion.partition.models[model] = { name, number: Number(number) };
  return { emissions: [] };
}
