import type { LogRecord } from '@attune/event-log/port';
import { IN, type Ledger, ledgerFold, OUT } from './ledger-fold.ts';
import type { SimBroker } from './sim-log.ts';
import type { SimDisk } from './sim-store.ts';

const plain = new TextDecoder();

/** The plain fold of a partition, as a loop would do it: what every fault schedule must come to. States by key, emissions by id, both as text. */
export function expected(records: readonly LogRecord[]): { states: Map<string, string>; emissions: Map<string, string> } {
  const states = new Map<string, Ledger>();
  const emissions = new Map<string, string>();
  for (const record of records) {
    const key = ledgerFold.keyOf(record);
    const companionKey = ledgerFold.companionKey?.(record) ?? key;
    const state = { ...(states.get(key) ?? ledgerFold.empty()) };
    const companion = key === companionKey ? state : { ...(states.get(companionKey) ?? ledgerFold.empty()) };
    try {
      for (const { id, value } of ledgerFold.fold(state, record, companion).emissions) emissions.set(id, plain.decode(value));
      states.set(key, state).set(companionKey, companion);
    } catch {
      const rejection = ledgerFold.rejection?.(record, 'RECORD_SKIPPED');
      if (rejection) emissions.set(rejection.id, plain.decode(rejection.value));
    }
  }
  return { states: new Map([...states].map(([key, state]) => [key, JSON.stringify(state)])), emissions };
}

/** Every difference between the world and the plain fold of its log, in words; empty when the promises held. */
export function differences(broker: SimBroker, disk: SimDisk): readonly string[] {
  const faults: string[] = [];
  const wanted = new Map<string, string>();
  for (let partition = 0; partition < broker.partitions; partition++) {
    const { states, emissions } = expected(broker.of(IN, partition));
    for (const [id, body] of emissions) wanted.set(id, body);
    const found = new Map([...disk.now({ processor: ledgerFold.name, partition }).states].map(([key, bytes]) => [key, plain.decode(bytes)]));
    for (const key of new Set([...states.keys(), ...found.keys()]))
      if (states.get(key) !== found.get(key)) faults.push(`state ${partition}/${key}: ${found.get(key)} instead of ${states.get(key)}`);
    if (disk.now({ processor: ledgerFold.name, partition }).outbox.size > 0) faults.push(`outbox of ${partition} is not empty`);
  }
  const seen = new Set<string>();
  for (let partition = 0; partition < broker.partitions; partition++) {
    for (const { headers, value } of broker.of(OUT, partition)) {
      const id = headers['id'] ?? '';
      seen.add(id);
      if (wanted.get(id) === undefined) faults.push(`phantom emission ${id}`);
      else if (wanted.get(id) !== plain.decode(value)) faults.push(`emission ${id} has two bodies`);
    }
  }
  for (const id of wanted.keys()) if (!seen.has(id)) faults.push(`lost emission ${id}`);
  return faults;
}
