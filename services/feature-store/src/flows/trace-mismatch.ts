import type { NamedValue } from '@attune/contracts/messages/common/v1/common';
import type { Activity } from '@attune/contracts/messages/log/v1/log';
import type { LogBounds } from '@attune/event-log/port';
import { identical } from '../domain/identical.ts';
import { activityTimeMs } from './activity-time.ts';
import type { DatasetPorts } from './build-dataset.ts';
import { type Mismatch, offlineValues } from './check-parity.ts';
import { type Replayed, replayProfiles } from './replay-profiles.ts';

/** A record of attune.activity.v1 that tells two values apart. */
export interface DifferingRecord {
  readonly partition: number;
  readonly offset: number;
  /** Such as `event Order Completed` or `foldMoved`. */
  readonly what: string;
  /** When it was known, in ms since 1970. */
  readonly atMs: number | undefined;
  /**
   * `missed`: the answer is right without this record and those behind it. `early`: it is right once this record, which lies behind its place, is folded.
   * `other`: no state of the log gives it; the record is the last that changed the value.
   */
  readonly how: 'missed' | 'early' | 'other';
}

/** What is traced. */
export interface Tracing {
  readonly tenant: string;
  readonly bounds: readonly LogBounds[];
  readonly mismatches: readonly Mismatch[];
}

/** The first record that tells what was served from what the log gives, for each mismatch; undefined where the profile has none. Folds the profiles concerned once more. @throws AttuneError LOG_UNAVAILABLE, KEY_UNAVAILABLE */
export async function traceMismatches(ports: DatasetPorts, { tenant, bounds, mismatches }: Tracing): Promise<readonly (DifferingRecord | undefined)[]> {
  const traces = mismatches.map((mismatch) => new Trace(mismatch));
  const byProfile = Map.groupBy(traces, ({ mismatch }) => mismatch.answer.profileId);
  const after = (at: Replayed): void => {
    for (const trace of byProfile.get(at.record.key) ?? []) trace.see(at);
  };
  await replayProfiles({ ...ports, tenant, bounds, only: new Set(byProfile.keys()), watcher: { after } });
  return traces.map((trace) => trace.found());
}

class Trace {
  readonly mismatch: Mismatch;
  #before: NamedValue | undefined;
  #agreed: number | undefined;
  #missed: Omit<DifferingRecord, 'how'> | undefined;
  #early: Omit<DifferingRecord, 'how'> | undefined;
  #changed: Omit<DifferingRecord, 'how'> | undefined;

  constructor(mismatch: Mismatch) {
    this.mismatch = mismatch;
  }

  see({ record, activity, standing }: Replayed): void {
    const { answer, feature, served } = this.mismatch;
    const place = answer.values.findIndex(({ name }) => name === feature);
    const value = offlineValues(answer, standing)[place];
    const { partition, offset } = record;
    const here = { partition, offset, what: whatOf(activity), atMs: activityTimeMs(activity) };
    const agrees = served !== undefined && identical(value, served);
    if (offset > answer.offset) {
      if (agrees) this.#early ??= here;
      return;
    }
    if (agrees) [this.#agreed, this.#missed] = [offset, undefined];
    else if (this.#agreed !== undefined) this.#missed ??= here;
    if (!identical(value, this.#before)) this.#changed = here;
    this.#before = value;
  }

  /** Where both would do, the nearer one. */
  found(): DifferingRecord | undefined {
    const { offset } = this.mismatch.answer;
    const [missed, early] = [this.#missed, this.#early];
    if (early && (missed === undefined || early.offset - offset < offset - missed.offset)) return { ...early, how: 'early' };
    if (missed) return { ...missed, how: 'missed' };
    return this.#changed && { ...this.#changed, how: 'other' };
  }
}

function whatOf({ record }: Activity): string {
  if (record?.$case !== 'event') return record?.$case ?? 'nothing';
  const { name } = record.value;
  return `event ${name === '' ? 'identify' : name}`;
}
