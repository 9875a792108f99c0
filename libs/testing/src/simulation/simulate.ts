import { AttuneError } from '@attune/kernel/errors';
import { seededRandom } from '@attune/kernel/random';
import type { ProcessorDefinition } from '@attune/processor/definition';
import { Processor } from '@attune/processor/processor';
import type { StateCache } from '@attune/processor/state-cache';
import { IN, type Ledger, ledgerFold, PARTITION_KEY } from './ledger-fold.ts';
import { differences } from './oracle.ts';
import { Scheduler, type SimProcess } from './scheduler.ts';
import { SimGroup } from './sim-group.ts';
import { SimBroker, simLog } from './sim-log.ts';
import { type ApplyChange, applyChange, SimDisk, simStore, type TrimOutbox, trimById } from './sim-store.ts';

/** A fault in Attune itself, planted to see that the simulation notices. */
export interface PlantedBug {
  readonly applyChange?: ApplyChange;
  readonly trimOutbox?: TrimOutbox;
  readonly cacheFor?: (partition: number) => StateCache<Ledger>;
}

/** What a seed came to. */
export interface SimReport {
  readonly seed: string;
  readonly differences: readonly string[];
  readonly records: number;
  readonly faults: Readonly<Record<string, number>>;
}

const STORMY_STEPS = 900;
const CALM_STEPS_MAX = 6_000;
const text = new TextEncoder();

/** Runs the real processor through one seeded schedule of faults, then a calm until nothing moves, and holds the result against the plain fold. */
export async function simulate(seed: string, bug: PlantedBug = {}): Promise<SimReport> {
  const world = new World(seed, bug);
  await world.storm();
  await world.calm();
  return { seed, differences: differences(world.broker, world.disk), records: world.produced, faults: world.faults };
}

/** How a seed's world is: each seed stresses some faults more than others, so that rare meetings of two happen in some. */
interface Temper {
  readonly partitions: number;
  readonly processes: number;
  readonly produce: number;
  readonly strike: number;
  /** Share of crashes among the faults, a quarter of them stops in good order; with the freezes it is one half. */
  readonly crash: number;
  readonly appendMsMax: number;
}

const temperOf = (random: () => number): Temper => ({
  partitions: 3,
  processes: 2,
  produce: 0.1 + 0.25 * random(),
  strike: 0.02 + 0.08 * random(),
  crash: 0.1 + 0.3 * random(),
  appendMsMax: random() < 0.3 ? 0 : 4_000 * random() * random(),
});

class World {
  readonly broker: SimBroker;
  readonly disk = new SimDisk();
  readonly faults: Record<string, number> = {};
  produced = 0;
  readonly #scheduler: Scheduler;
  readonly #group: SimGroup;
  readonly #bug: PlantedBug;
  readonly #temper: Temper;
  readonly #processors = new Map<SimProcess, Processor<Ledger>>();
  #processes: SimProcess[] = [];
  #started = 0;

  constructor(seed: string, bug: PlantedBug) {
    this.#scheduler = new Scheduler(seededRandom(seed));
    this.#bug = bug;
    this.#temper = temperOf(this.#scheduler.random);
    this.broker = new SimBroker(this.#temper.partitions);
    this.#group = new SimGroup(this.#temper.partitions);
    for (let i = 0; i < this.#temper.processes; i++) this.#start();
  }

  async storm(): Promise<void> {
    this.#scheduler.weather = { refused: 0.03, replyLost: 0.04 };
    for (let i = 0; i < STORMY_STEPS; i++) {
      if (this.#scheduler.random() < this.#temper.produce) this.#produce();
      if (this.#scheduler.random() < this.#temper.strike) this.#strike();
      await this.#scheduler.step();
    }
  }

  /** Everyone is well again; ends when log, store and commits have been still for three virtual seconds. */
  async calm(): Promise<void> {
    this.#scheduler.weather = { refused: 0, replyLost: 0 };
    if (this.#scheduler.random() < 0.5) for (const process of [...this.#processes]) this.#crash(process); // the lights go out for all at once
    for (const process of this.#processes) process.frozen = false;
    this.#group.catchUp();
    this.#group.rebalance();
    let still = '';
    let sinceMs = this.#scheduler.nowMs;
    for (let i = 0; i < CALM_STEPS_MAX && this.#scheduler.nowMs - sinceMs < 6_000; i++) {
      if (!(await this.#scheduler.step())) break;
      const now = this.#fingerprint();
      if (now !== still) sinceMs = this.#scheduler.nowMs;
      still = now;
    }
    for (const process of this.#processes) process.alive = false;
  }

  #fingerprint(): string {
    const parts = Array.from({ length: this.broker.partitions }, (_, p) => [
      this.broker.of(IN, p).length,
      Buffer.from(this.disk.now({ processor: ledgerFold.name, partition: p }).watermark).toString(),
      this.disk.now({ processor: ledgerFold.name, partition: p }).outbox.size,
      this.broker.committed.get(p),
    ]);
    return parts.join('|');
  }

  #start(): void {
    const process: SimProcess = { name: `p${this.#started++}`, alive: true, frozen: false };
    this.#processes.push(process);
    const scheduler = this.#scheduler;
    const ports = {
      log: simLog({ scheduler, broker: this.broker, group: this.#group, process, appendMsMax: this.#temper.appendMsMax }),
      store: simStore(scheduler, this.disk, process, {
        apply: this.#bug.applyChange ?? applyChange,
        trim: this.#bug.trimOutbox ?? trimById,
        trimsApart: this.#bug.trimOutbox !== undefined,
      }),
      clock: { nowMs: () => scheduler.nowMs },
      stopwatch: {
        elapsedMs: () => scheduler.nowMs,
        sleep: (ms: number) => scheduler.call(process, { effect: () => undefined, atMs: scheduler.nowMs + ms }),
      },
    };
    const processor = new Processor(this.#definitionOf(process), ports, { tendEveryMs: 100, ...(this.#bug.cacheFor ? { cacheFor: this.#bug.cacheFor } : {}) });
    this.#processors.set(process, processor);
    void this.#keepStarting(process, processor);
  }

  /** The ledger, whose folds need a key that this process must fetch first and may not get. */
  #definitionOf(process: SimProcess): ProcessorDefinition<Ledger> {
    const fault = (): Error => new AttuneError('KEY_UNAVAILABLE', 'simulated.');
    return { ...ledgerFold, prepare: () => this.#scheduler.call(process, { effect: () => undefined, fault }) };
  }

  async #keepStarting(process: SimProcess, processor: Processor<Ledger>): Promise<void> {
    for (;;) {
      try {
        return await processor.start();
      } catch {
        if (!process.alive) return;
      }
    }
  }

  #produce(): void {
    const random = this.#scheduler.random;
    const poison = random() < 0.02 ? { poison: true } : {};
    const value = text.encode(JSON.stringify({ amount: Math.floor(random() * 100), ...poison }));
    const ofPartition = { key: PARTITION_KEY, partition: Math.floor(random() * this.#temper.partitions) };
    const of = random() < 0.03 ? ofPartition : { key: `k${Math.floor(random() * 9)}` };
    this.broker.append('default', IN, { ...of, value }, this.#scheduler.nowMs);
    this.produced++;
  }

  /** One fault of the seed's choosing. */
  #strike(): void {
    const random = this.#scheduler.random;
    const victim = this.#processes[Math.floor(random() * this.#processes.length)];
    const draw = random();
    const { crash } = this.#temper;
    if (draw < crash / 4) this.#stop(victim);
    else if (draw < crash) this.#crash(victim);
    else if (draw < 0.5) this.#freeze(victim);
    else if (draw < 0.7) this.#thaw();
    else if (draw < 0.85) this.#note('rollback', () => this.disk.rollBack(1 + Math.floor(random() * 6)));
    else if (draw < 0.88) this.#note('flush', () => this.disk.rollBack(Number.POSITIVE_INFINITY));
    else this.#note('rebalance', () => this.#group.rebalance());
  }

  #crash(victim: SimProcess | undefined): void {
    if (victim === undefined) return;
    this.#note('crash', () => {
      victim.alive = false;
      this.#processes = this.#processes.filter((process) => process !== victim);
      this.#start();
    });
  }

  /** The victim ends as it would for a new version: it leaves the group, finishes what is under way, and another one starts meanwhile. */
  #stop(victim: SimProcess | undefined): void {
    if (victim === undefined || victim.frozen) return;
    this.#note('stop', () => {
      this.#processes = this.#processes.filter((process) => process !== victim);
      const gone = this.#processors.get(victim)?.stop(0);
      void gone?.then(() => {
        victim.alive = false;
      });
      this.#start();
    });
  }

  /** The group believes the victim dead and gives its partitions away; it wakes up later and goes on where it stood. */
  #freeze(victim: SimProcess | undefined): void {
    if (victim === undefined || this.#processes.some(({ frozen }) => frozen)) return;
    this.#note('zombie', () => {
      victim.frozen = true;
      this.#group.rebalance();
    });
  }

  /** Wakes the frozen; whether they hear at once that they were dropped is left to chance. */
  #thaw(): void {
    for (const process of this.#processes) process.frozen = false;
    if (this.#scheduler.random() < 0.5) this.#group.catchUp();
  }

  #note(fault: string, strike: () => void): void {
    this.faults[fault] = (this.faults[fault] ?? 0) + 1;
    strike();
  }
}
