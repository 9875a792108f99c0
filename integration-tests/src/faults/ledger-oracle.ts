import { slotKeys } from '@attune/state-store/slot-tag';
import { expected } from '@attune/testing/simulation/oracle';
import { Redis } from 'ioredis';
import { type OpenRun, PARTITIONS, recordsOf } from './ledger-run.ts';

/** What was compared, and every difference from the plain fold of the input topic in words. */
export interface Verdict {
  readonly differences: readonly string[];
  readonly records: number;
  readonly states: number;
  readonly emissions: number;
  /** Emissions that are in the topic more than once, with equal bodies. */
  readonly repeats: number;
}

const plain = new TextDecoder();

/** Compares each state byte for byte, and each emission by id and body. Call it when all is quiet. */
export async function judge(open: OpenRun): Promise<Verdict> {
  const { run, log } = open;
  const differences: string[] = [];
  const wanted = new Map<string, string>();
  let records = 0;
  let stateCount = 0;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const input = await recordsOf(log, run.input, partition);
    const { states, emissions } = expected(input);
    for (const [id, body] of emissions) wanted.set(id, body);
    records += input.length;
    stateCount += states.size;
    const found = await statesOf(open, partition);
    for (const key of new Set([...states.keys(), ...found.keys()]))
      if (found.get(key) !== states.get(key)) differences.push(`state ${partition}/${key}: ${found.get(key)} instead of ${states.get(key)}`);
  }
  const { repeats, faults } = await judgeOutput(open, wanted);
  return { differences: [...differences, ...faults], records, states: stateCount, emissions: wanted.size, repeats };
}

async function judgeOutput({ run, log }: OpenRun, wanted: ReadonlyMap<string, string>): Promise<{ repeats: number; faults: readonly string[] }> {
  const faults: string[] = [];
  const seen = new Set<string>();
  let repeats = 0;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for (const { headers, value } of await recordsOf(log, run.output, partition)) {
      const id = headers['id'] ?? '';
      if (seen.has(id)) repeats++;
      seen.add(id);
      if (!wanted.has(id)) faults.push(`phantom emission ${id}`);
      else if (wanted.get(id) !== plain.decode(value)) faults.push(`emission ${id} has two bodies`);
    }
  }
  for (const id of wanted.keys()) if (!seen.has(id)) faults.push(`lost emission ${id}`);
  return { repeats, faults };
}

/** Every state of a slot as it lies in Redis, past the port, which lists no keys. */
async function statesOf({ run }: OpenRun, partition: number): Promise<ReadonlyMap<string, string>> {
  const redis = new Redis(run.redisUrl);
  const { states } = slotKeys({ processor: run.name, partition, partitions: PARTITIONS });
  const fields = await redis.hgetall(states);
  redis.disconnect();
  return new Map(Object.entries(fields).flatMap(([name, value]) => (name.startsWith('s:') ? [[name.slice(2), value] as const] : [])));
}
