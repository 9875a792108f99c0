import type { LogRecord } from '@attune/event-log/port';
import type { Emission, ProcessorDefinition } from '@attune/processor/definition';
import type { SimBroker } from '@attune/testing/simulation/sim-log';
import type { SimDisk } from '@attune/testing/simulation/sim-store';

/** What a plain loop over the log comes to. */
export interface Replayed<S> {
  readonly states: ReadonlyMap<string, S>;
  readonly emissions: readonly Emission[];
}

/** Folds one partition of a definition's topic, record after record. Test only. */
export async function replayed<S>(definition: ProcessorDefinition<S>, records: readonly LogRecord[]): Promise<Replayed<S>> {
  const states = new Map<string, S>();
  const emissions: Emission[] = [];
  const stateOf = (key: string): S => {
    const state = states.get(key) ?? definition.empty();
    states.set(key, state);
    return state;
  };
  for (const record of records) {
    const key = definition.keyOf(record);
    const [state, companion] = [stateOf(key), stateOf(definition.companionKey?.(record) ?? key)];
    await definition.prepare?.([record], states);
    emissions.push(...definition.fold(state, record, companion).emissions);
  }
  return { states, emissions };
}

/** In words: where what the processes came to differs from the plain loop, byte for byte. Test only. */
export function differencesFrom<S>({ states }: Replayed<S>, definition: ProcessorDefinition<S>, disk: SimDisk, partition: number): readonly string[] {
  const slot = disk.now({ processor: definition.name, partition });
  const faults = slot.outbox.size > 0 ? [`the outbox of ${definition.name}/${partition} is not empty`] : [];
  if (slot.skipped.size > 0) faults.push(`${definition.name}/${partition} set records aside`);
  for (const key of new Set([...states.keys(), ...slot.states.keys()])) {
    const state = states.get(key);
    const [wanted, found] = [state && definition.encode(state), slot.states.get(key)];
    if (Buffer.compare(wanted ?? new Uint8Array(), found ?? new Uint8Array()) !== 0) faults.push(`${definition.name}: the state ${key} is another`);
  }
  return faults;
}

/** In words: which of these emissions are not in the log, have another body there, or were never emitted. Test only. */
export function misplaced(emissions: readonly Emission[], broker: SimBroker, topics: readonly string[]): readonly string[] {
  const wanted = new Map(emissions.map(({ id, value }) => [id, Buffer.from(value).toString('base64')]));
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const topic of topics) {
    for (let partition = 0; partition < broker.partitions; partition++) {
      for (const { headers, value } of broker.of(topic, partition)) {
        const id = headers['id'];
        if (id === undefined) continue; // from outside, or a due record
        seen.add(id);
        if (wanted.get(id) === undefined) faults.push(`phantom emission ${id}`);
        else if (wanted.get(id) !== Buffer.from(value).toString('base64')) faults.push(`emission ${id} has two bodies`);
      }
    }
  }
  for (const id of wanted.keys()) if (!seen.has(id)) faults.push(`lost emission ${id}`);
  return faults;
}
