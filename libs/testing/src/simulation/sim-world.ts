import { seededRandom } from '@attune/kernel/random';
import type { ProcessorPorts } from '@attune/processor/processor';
import { Scheduler, type SimProcess } from './scheduler.ts';
import { SimGroup } from './sim-group.ts';
import { SimBroker, simLog } from './sim-log.ts';
import { SimDisk, type StoreEffects, simStore } from './sim-store.ts';

/** A processor as the simulated world runs it, one in each process. */
export interface SimActor {
  /** Of its group and slots. */
  readonly name: string;
  readonly topic: string;
  make(process: SimProcess, ports: ProcessorPorts): SimRunning;
}

/** A processor that was made. */
export interface SimRunning {
  start(): Promise<void>;
  stop(graceMs: number): Promise<void>;
}

/** What happens in a world. */
export interface SimPlan {
  readonly seed: string;
  readonly actors: (scheduler: Scheduler) => readonly SimActor[];
  /** Appends what comes from outside. */
  readonly produce: (world: SimWorld) => void;
  readonly store: StoreEffects;
  /** So many calls are answered while faults strike; absent = 900. */
  readonly stormySteps?: number;
}

const STORMY_STEPS = 900;
const CALM_STEPS_MAX = 60_000;
/** Longer than a publisher waits between two tries and the longest append together. */
const STILL_MS = 12_000;

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

/** Processes that run actors over one log and one store, and what strikes them, all drawn from the seed. */
export class SimWorld {
  readonly broker: SimBroker;
  readonly disk = new SimDisk();
  readonly faults: Record<string, number> = {};
  readonly scheduler: Scheduler;
  readonly #plan: SimPlan;
  readonly #actors: readonly SimActor[];
  readonly #groups: ReadonlyMap<string, SimGroup>;
  readonly #temper: Temper;
  readonly #running = new Map<SimProcess, readonly SimRunning[]>();
  #processes: SimProcess[] = [];
  #started = 0;

  constructor(plan: SimPlan) {
    this.scheduler = new Scheduler(seededRandom(plan.seed));
    this.#plan = plan;
    this.#temper = temperOf(this.scheduler.random);
    this.broker = new SimBroker(this.#temper.partitions);
    this.#actors = plan.actors(this.scheduler);
    this.#groups = new Map(this.#actors.map(({ name }) => [name, new SimGroup(this.#temper.partitions)]));
    for (let i = 0; i < this.#temper.processes; i++) this.#start();
  }

  /** Strikes and produces. */
  async storm(): Promise<void> {
    this.scheduler.weather = { refused: 0.03, replyLost: 0.04 };
    for (let i = 0; i < (this.#plan.stormySteps ?? STORMY_STEPS); i++) {
      if (this.scheduler.random() < this.#temper.produce) this.#plan.produce(this);
      if (this.scheduler.random() < this.#temper.strike) this.#strike();
      await this.scheduler.step();
    }
  }

  /** Everyone is well again; ends when log, store and commits have been still for three virtual seconds. */
  async calm(): Promise<void> {
    this.scheduler.weather = { refused: 0, replyLost: 0 };
    if (this.scheduler.random() < 0.5) for (const process of [...this.#processes]) this.#crash(process); // the lights go out for all at once
    for (const process of this.#processes) process.frozen = false;
    for (const group of this.#groups.values()) group.catchUp();
    this.#rebalance();
    let still = '';
    let sinceMs = this.scheduler.nowMs;
    for (let i = 0; i < CALM_STEPS_MAX && this.scheduler.nowMs - sinceMs < STILL_MS; i++) {
      if (!(await this.scheduler.step())) break;
      const now = this.#fingerprint();
      if (now !== still) sinceMs = this.scheduler.nowMs;
      still = now;
    }
    for (const process of this.#processes) process.alive = false;
  }

  #fingerprint(): string {
    const partitions = Array.from({ length: this.broker.partitions }, (_, partition) => partition);
    const parts = this.#actors.flatMap(({ name, topic }) =>
      partitions.map((partition) => {
        const { watermark, outbox } = this.disk.now({ processor: name, partition });
        return [this.broker.of(topic, partition).length, Buffer.from(watermark).toString(), outbox.size, this.broker.committedOf(name, partition)];
      }),
    );
    return parts.join('|');
  }

  #start(): void {
    const process: SimProcess = { name: `p${this.#started++}`, alive: true, frozen: false };
    this.#processes.push(process);
    const made = this.#actors.map((actor) => actor.make(process, this.#portsOf(process)));
    this.#running.set(process, made);
    for (const running of made) void this.#keepStarting(process, running);
  }

  #portsOf(process: SimProcess): ProcessorPorts {
    const { scheduler, broker } = this;
    const groupOf = (name: string): SimGroup => {
      const group = this.#groups.get(name);
      if (group === undefined) throw new Error(`nobody plays ${name}`);
      return group;
    };
    return {
      log: simLog({ scheduler, broker, groupOf, process, appendMsMax: this.#temper.appendMsMax }),
      store: simStore(scheduler, this.disk, process, this.#plan.store),
      clock: { nowMs: () => scheduler.nowMs },
      stopwatch: {
        elapsedMs: () => scheduler.nowMs,
        sleep: (ms: number) => scheduler.call(process, { effect: () => undefined, atMs: scheduler.nowMs + ms }),
      },
    };
  }

  async #keepStarting(process: SimProcess, running: SimRunning): Promise<void> {
    for (;;) {
      try {
        return await running.start();
      } catch {
        if (!process.alive) return;
      }
    }
  }

  /** One fault of the seed's choosing. */
  #strike(): void {
    const random = this.scheduler.random;
    const victim = this.#processes[Math.floor(random() * this.#processes.length)];
    const draw = random();
    const { crash } = this.#temper;
    if (draw < crash / 4) this.#stop(victim);
    else if (draw < crash) this.#crash(victim);
    else if (draw < 0.5) this.#freeze(victim);
    else if (draw < 0.7) this.#thaw();
    else if (draw < 0.85) this.#note('rollback', () => this.disk.rollBack(1 + Math.floor(random() * 6)));
    else if (draw < 0.88) this.#note('flush', () => this.disk.rollBack(Number.POSITIVE_INFINITY));
    else this.#note('rebalance', () => this.#rebalance());
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
      const gone = Promise.all((this.#running.get(victim) ?? []).map((running) => running.stop(0)));
      void gone.then(() => {
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
      this.#rebalance();
    });
  }

  /** Wakes the frozen; whether they hear at once that they were dropped is left to chance. */
  #thaw(): void {
    for (const process of this.#processes) process.frozen = false;
    if (this.scheduler.random() < 0.5) for (const group of this.#groups.values()) group.catchUp();
  }

  #rebalance(): void {
    for (const group of this.#groups.values()) group.rebalance();
  }

  #note(fault: string, strike: () => void): void {
    this.faults[fault] = (this.faults[fault] ?? 0) + 1;
    strike();
  }
}
