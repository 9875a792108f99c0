import { setTimeout as sleep } from 'node:timers/promises';
import { factOf } from '@attune/grpc/fault-answer';
import type { Settings } from './config.ts';
import type { Attune } from './container.ts';
import { told } from './log-options.ts';

const KEPT = 3;

/** Takes a snapshot every ATTUNE_SNAPSHOT_EVERY, one after the other, where that is set; of one that fails the log tells, and the next is tried at its time. */
export function keepSnapshots({ ATTUNE_SNAPSHOT_EVERY: everyMs }: Settings, { app, takeSnapshot }: Pick<Attune, 'app' | 'takeSnapshot'>) {
  const ending = new AbortController();
  const nextTime = async (): Promise<boolean> =>
    everyMs !== undefined &&
    (await sleep(everyMs, undefined, { signal: ending.signal, ref: false }).then(
      () => true,
      () => false,
    ));
  const running = (async () => {
    while (await nextTime()) await takeSnapshot(KEPT).catch((fault: unknown) => app.log.warn(factOf(fault), `no snapshot was taken: ${told(factOf(fault))}`));
  })();
  return {
    /** Resolves when nothing is copied any more. */
    stop: async (): Promise<void> => {
      ending.abort();
      await running;
    },
  };
}
