import { Decision } from '@attune/contracts/messages/log/v1/log';
import type { EventLog } from '@attune/event-log/port';
import type { PlacedMoment } from './take-moments.ts';

/** A decision, where the profile stood that it was taken about. */
export interface DecisionMoment extends PlacedMoment {
  readonly decision: Decision;
}

const DECISIONS = 'attune.decisions.v1';
const READ_MAX = 1_000;

/** The decisions of the log in the order of its partitions, the first of each id. @throws AttuneError LOG_UNAVAILABLE */
export async function findDecisions(log: Pick<EventLog, 'identity' | 'bounds' | 'read'>, concerns: (decision: Decision) => boolean): Promise<DecisionMoment[]> {
  const found = new Map<string, DecisionMoment>();
  const { partitions } = await log.identity(DECISIONS);
  for (let partition = 0; partition < partitions; partition++) {
    const { startOffset, endOffset } = await log.bounds(DECISIONS, partition);
    for (let next = startOffset; next < endOffset; ) {
      const records = await log.read(DECISIONS, partition, next, READ_MAX);
      for (const { value } of records) {
        const decision = Decision.decode(value);
        const { id, profileId, nowMs, profilePosition: at } = decision;
        if (at === undefined || found.has(id) || !concerns(decision)) continue;
        found.set(id, { profileId, atMs: Number(nowMs), partition: at.partition, offset: Number(at.offset), decision });
      }
      next = (records.at(-1)?.offset ?? endOffset) + 1;
    }
  }
  return [...found.values()];
}
