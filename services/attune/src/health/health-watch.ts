import type { EventLog } from '@attune/event-log/port';
import { codeOf, type ErrorCode } from '@attune/kernel/errors';
import { Nap } from '@attune/processor/nap';
import type { Clock, Stopwatch } from '@attune/runtime/world';
import type { StateStore } from '@attune/state-store/port';
import type { Stage } from '../pipeline.ts';
import { type Check, Checks, type Seen } from './checks.ts';
import { Progress, type StageSeen, type Waiting } from './progress.ts';

/** What is looked at, and by which time. */
export interface HealthPorts {
  readonly log: EventLog;
  readonly store: StateStore;
  readonly stages: readonly Stage[];
  /** Of the machine, also where business time is another. */
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
}

/** When what was seen counts, all in ms. */
export interface HealthLimits {
  /** A log or store that is away, or a place in a group that is lost, for so long makes the process unready. */
  readonly awayMs: number;
  /** So long may records wait without that anything moves, or a place in a group be missing though the log answers. */
  readonly stuckMs: number;
}

/** How the process stands. */
export interface Health {
  /** `starting`: some check was not ok yet since the start. */
  readonly status: 'ready' | 'starting' | 'unready';
  readonly checks: readonly Check[];
  /** Records that waited at the last look; undefined before the first. */
  readonly lag: number | undefined;
  /** Empty, and nothing ended: alive. */
  readonly stuck: readonly Waiting[];
  readonly ended: readonly { readonly topic: string; readonly code: ErrorCode }[];
}

/** Mail takes up to 40 s where its server is slow. */
const LIMITS: HealthLimits = { awayMs: 5_000, stuckMs: 60_000 };
const STARTING_LOOK_MS = 200;
const LOOK_MS = 1_000;
/** Ends of all partitions cost a question each: they are asked for at every so many looks. */
const LOOKS_PER_ENDS = 5;
const PING = { processor: 'health', partition: 0, partitions: 1 };

/** Looks at log, store and stages once a second, and answers from what it saw last. */
export class HealthWatch {
  readonly #ports: HealthPorts;
  readonly #limits: HealthLimits;
  readonly #checks = new Checks();
  readonly #progress = new Progress();
  /** Where each partition ended when it was first owned, until what lay there is folded once. */
  readonly #targets = new Map<string, number>();
  readonly #nap: Nap;
  #lag: number | undefined;
  #looks = 0;
  #looking: Promise<void> | undefined;
  #ended = false;

  constructor(ports: HealthPorts, limits: HealthLimits = LIMITS) {
    this.#ports = ports;
    this.#limits = limits;
    this.#nap = new Nap(ports.stopwatch);
  }

  /** Looks from now on, until `end`. */
  async begin(): Promise<void> {
    while (!this.#ended) {
      await this.look();
      await this.#nap.sleep(this.#checks.started ? LOOK_MS : STARTING_LOOK_MS);
    }
  }

  end(): void {
    this.#ended = true;
    this.#nap.end();
  }

  /** Looks now, or waits for the look that is under way. Never throws. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** By what was seen last. */
  get health(): Health {
    const nowMs = this.#ports.clock.nowMs();
    const { awayMs, stuckMs } = this.#limits;
    const lost = (['log', 'store', 'joined'] as const).some((check) => this.#checks.failingMs(check, nowMs) > awayMs);
    const ready = this.#checks.started && !lost && this.#checks.failingMs('going-on', nowMs) === 0;
    const ended = this.#ports.stages.flatMap(({ topic, standing }) => {
      const { endedBy: code } = standing();
      return code === undefined ? [] : [{ topic, code }];
    });
    return {
      status: ready && ended.length === 0 ? 'ready' : this.#checks.started ? 'unready' : 'starting',
      checks: this.#checks.all,
      lag: this.#lag,
      stuck: this.#progress.stuck(nowMs, stuckMs),
      ended,
    };
  }

  async #look(): Promise<void> {
    const { log, store, stages, clock } = this.#ports;
    const topic = stages[0]?.topic ?? '';
    const [logSeen, storeSeen] = await Promise.all([seen(() => log.bounds(topic, 0)), seen(() => store.read(PING, []))]);
    const away = !logSeen.ok || !storeSeen.ok;
    const stagesSeen = !logSeen.ok || this.#looks++ % (this.#checks.started ? LOOKS_PER_ENDS : 1) > 0 ? undefined : await this.#stages().catch(() => undefined);
    const nowMs = clock.nowMs();
    const standings = stages.map(({ standing }) => standing());
    const partitions = standings.flatMap((standing) => standing.partitions);
    const code = partitions.find(({ stoppedBy }) => stoppedBy !== undefined)?.stoppedBy;
    this.#checks.note(nowMs, {
      log: logSeen,
      store: storeSeen,
      joined: { ok: standings.every(({ joined }) => joined) },
      adopted: { ok: partitions.every(({ adopted }) => adopted) },
      ...(stagesSeen && { 'caught-up': { ok: this.#caughtUp(stagesSeen) } }),
      'going-on': code === undefined ? { ok: true } : { ok: false, code },
    });
    if (away) this.#progress.reset();
    else if (stagesSeen) this.#progress.note(nowMs, stagesSeen);
  }

  /** The stages with the ends of what they own. @throws AttuneError LOG_UNAVAILABLE */
  async #stages(): Promise<readonly StageSeen[]> {
    const { log, stages } = this.#ports;
    let lag = 0;
    const all = await Promise.all(
      stages.map(async ({ topic, standing: stand }, index) => {
        const standing = stand();
        const ends = new Map<number, number>();
        const ask = async ({ partition, nextOffset }: (typeof standing.partitions)[number]): Promise<void> => {
          const { startOffset, endOffset } = await log.bounds(topic, partition);
          ends.set(partition, endOffset);
          lag += endOffset - (nextOffset ?? startOffset);
        };
        await Promise.all(standing.partitions.map(ask));
        return { name: `${index}/${topic}`, topic, standing, ends };
      }),
    );
    this.#lag = lag;
    return all;
  }

  /** Whether what lay in each owned partition when it was first seen is folded. */
  #caughtUp(stages: readonly StageSeen[]): boolean {
    let ok = stages.length > 0;
    for (const { name, standing, ends } of stages) {
      ok &&= standing.joined;
      for (const { partition, nextOffset = -1 } of standing.partitions) {
        const key = `${name}/${partition}`;
        const target = this.#targets.get(key) ?? ends.get(partition) ?? 0;
        this.#targets.set(key, target);
        ok &&= nextOffset >= target;
      }
    }
    return ok || this.#checks.started;
  }
}

const seen = (ask: () => Promise<unknown>): Promise<Seen> =>
  ask().then(
    () => ({ ok: true }),
    (fault) => ({ ok: false, code: codeOf(fault) }),
  );
