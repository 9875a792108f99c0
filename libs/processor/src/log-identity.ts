import type { EventLog, LogIdentity } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import { hash32 } from '@attune/kernel/hash';
import type { StateStore } from '@attune/state-store/port';
import { type FoldedUpTo, logName } from './watermark.ts';

/** Where to look: one partition of one topic. */
export interface PartitionOf {
  readonly topic: string;
  readonly partition: number;
}

/**
 * Refuses to go on when the log is not the one that the watermark speaks of. Asks the log itself, since a client's idea of its end may be minutes old.
 * @throws AttuneError LOG_IDENTITY_CHANGED, LOG_END_BELOW_WATERMARK, LOG_START_ABOVE_WATERMARK, LOG_REPLACED; LOG_UNAVAILABLE
 */
export async function verifyLog(log: Pick<EventLog, 'identity' | 'bounds' | 'read'>, at: PartitionOf, folded: FoldedUpTo | undefined): Promise<LogIdentity> {
  const where = `${at.topic}/${at.partition}`;
  const [identity, bounds] = await Promise.all([log.identity(at.topic), log.bounds(at.topic, at.partition)]);
  const next = folded?.nextOffset ?? 0;
  if (folded && folded.log !== logName(identity))
    throw new AttuneError('LOG_IDENTITY_CHANGED', `${where}: folded from ${folded.log}, now ${logName(identity)}.`);
  if (bounds.endOffset < next) throw new AttuneError('LOG_END_BELOW_WATERMARK', `${where}: folded up to ${next}, the log ends at ${bounds.endOffset}.`);
  if (bounds.startOffset > next) throw new AttuneError('LOG_START_ABOVE_WATERMARK', `${where}: folded up to ${next}, the log begins at ${bounds.startOffset}.`);
  if (folded && next > bounds.startOffset) {
    const [last] = await log.read(at.topic, at.partition, next - 1, 1);
    const same = last?.offset === next - 1 && last.appendedAtMs === folded.appendedAtMs && hash32(last.key) === folded.keyHash;
    if (!same) throw new AttuneError('LOG_REPLACED', `${where}: record ${next - 1} is another one than was folded.`);
  }
  return identity;
}

const text = new TextEncoder();
const plain = new TextDecoder();

/**
 * Notes at a processor's first start which log it folds: id and partition count. Stands in a slot of its own, since another count would look for other slots.
 * @throws AttuneError LOG_IDENTITY_CHANGED when the store was made from another log; STORE_UNAVAILABLE
 */
export async function recordLog(store: StateStore, processor: string, identity: LogIdentity): Promise<void> {
  const slot = { processor: `${processor}.log`, partition: 0, partitions: 1 };
  const watermark = text.encode(logName(identity));
  const nothing = { states: new Map(), emissions: [], published: [], due: new Map(), skipped: new Map() };
  const result = await store.commit(slot, new Uint8Array(), { watermark, ...nothing });
  const recorded = result.kind === 'mismatch' ? plain.decode(result.watermark) : logName(identity);
  if (recorded !== logName(identity)) throw new AttuneError('LOG_IDENTITY_CHANGED', `${processor}: folded from ${recorded}, now ${logName(identity)}.`);
}
