import { type Container, get } from '@attune/runtime/di';
import type { KeyRing } from '@attune/sealing/key-ring';
import type { FastifyInstance } from 'fastify';
import { meanBefore } from './domain/buckets.ts';
import { emptyModel } from './domain/read-model.ts';
import { followLog } from './flows/follow-log.ts';
import { forgetErased } from './flows/forget-erased.ts';
import { type ConsoleFacts, type ConsoleStatus, EVENT_LOG, STOPWATCH } from './ports.ts';
import { consoleRoutes } from './transport/http.ts';
import { liveRoute } from './transport/live.ts';
import { pageRoutes } from './transport/page.ts';

export { CLOCK, type ConsoleFacts, type ConsoleStatus, EVENT_LOG, type ReplayStatus, STOPWATCH } from './ports.ts';

export interface ConsoleOptions {
  readonly tenant: string;
  readonly ring: KeyRing;
  /** What the process knows of itself; counts that it leaves out are the page's own. */
  readonly status: () => ConsoleFacts | Promise<ConsoleFacts>;
  /** Folder of the built page. */
  readonly assetsFolder: string;
}

/** The page and its view of the log. */
export interface Console {
  /** Ends the page's streams and stops following the log, within `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

const RATE_SPAN_S = 5;

/** Puts the page onto an app and follows the log for it. @throws AttuneError LOG_UNAVAILABLE */
export async function consoleOn(app: FastifyInstance, c: Container, { tenant, ring, status, assetsFolder }: ConsoleOptions): Promise<Console> {
  const stopwatch = get(c, STOPWATCH);
  const model = emptyModel();
  const whole = async (): Promise<ConsoleStatus> => {
    const eventsPerSecond = meanBefore(model.seconds, Math.floor(stopwatch.elapsedMs() / 1_000), RATE_SPAN_S);
    return { eventsPerSecond, rejected: model.rejected, ...(await status()) };
  };
  const forget = forgetErased({ model, ring, tenant });
  consoleRoutes(app, model, { status: whole, forgetErased: forget });
  const endStreams = liveRoute(app, model, { status: whole, stopwatch, forgetErased: forget });
  await pageRoutes(app, assetsFolder);
  const unfollow = await followLog(model, tenant, { log: get(c, EVENT_LOG), ring, stopwatch });
  return {
    stop: async (graceMs) => {
      endStreams();
      await unfollow(graceMs);
    },
  };
}
