import { ModelState, ModelStateActivated } from '@attune/contracts/messages/log/v1/log';
import type { EventLog, LogRecord } from '@attune/event-log/port';
import { AttuneError, codeOf, type ErrorCode } from '@attune/kernel/errors';
import { Nap } from '@attune/processor/nap';
import type { Processing } from '@attune/processor/processor';
import { TopicTail } from '@attune/processor/topic-tail';
import type { Stopwatch } from '@attune/runtime/world';
import type { ModelInUse } from '../domain/model-in-use.ts';
import { modelOfState } from './model-sums.ts';
import { MODEL_STATES, PROFILES, recordHeaders } from './records.ts';

/** Which state of a model. */
export interface StateInUse {
  readonly number: number;
  readonly name: string;
}

/** The states of models, as decisions use them. */
export interface ModelStates {
  /** A state that was loaded. @throws AttuneError STORE_UNAVAILABLE for one that was not: load it, and try again */
  modelOf(tenant: string, model: string, state: StateInUse | undefined): ModelInUse | undefined;
  /** Makes sure that `modelOf` knows the state. @throws AttuneError LOG_UNAVAILABLE; INTERNAL where the log does not hold it */
  load(tenant: string, model: string, state: StateInUse): Promise<void>;
  /** Tells the partitions that this process folds to use the newest states from here on. @throws AttuneError LOG_UNAVAILABLE */
  look(): Promise<void>;
  /** Tends it every second. */
  start(): void;
  stop(): Promise<void>;
}

/** What following needs. */
export interface StatesPorts {
  readonly log: Pick<EventLog, 'identity' | 'bounds' | 'read' | 'append'>;
  readonly stopwatch: Stopwatch;
  /** The partitions of attune.profiles.v1 that this process folds now. */
  readonly partitions: () => readonly number[];
  readonly processing?: Processing | undefined;
}

const LOOK_EVERY_MS = 1_000;
/** So many states are held ready; the others are read again from the log. */
const READY_MAX = 1_024;
/** Of each model, so many of the newest without being asked for. */
const KEPT = 4;

/**
 * Every process sees all states, and none changes one. Which of them a partition decides by stands in its own log, so that its decisions are the same whoever folds them;
 * whoever folds a partition appends that, and a state older than the one in use changes nothing.
 */
export function followModelStates(ports: StatesPorts): ModelStates {
  const states = new States(ports);
  const nap = new Nap(ports.stopwatch);
  let [stopped, tending]: [boolean, Promise<void>] = [false, Promise.resolve()];
  const tend = async (): Promise<void> => {
    let told: ErrorCode | undefined;
    while (!stopped) {
      const code = await states.look().then(() => undefined, codeOf);
      if (code !== undefined && code !== told) ports.processing?.onFault?.({ processor: 'model states', partition: undefined, code });
      told = code;
      await nap.sleep(LOOK_EVERY_MS);
    }
  };
  return {
    modelOf: (tenant, model, state) => state && states.ready(tenant, model, state),
    load: (tenant, model, state) => states.load(tenant, model, state),
    look: () => states.look(),
    start: () => {
      tending = tend();
    },
    stop: async () => {
      stopped = true;
      nap.end();
      await Promise.all([tending, states.idle()]);
    },
  };
}

interface Place {
  readonly tenant: string;
  readonly state: StateInUse & { readonly model: string };
}

class States {
  readonly #ports: StatesPorts;
  readonly #tail: TopicTail;
  /** Offsets by state: where each lies that was ever told. */
  readonly #offsets = new Map<string, number>();
  readonly #ready = new Map<string, ModelInUse>();
  readonly #newest = new Map<string, Place>();
  /** By partition and model, the newest that was activated by this process. */
  readonly #activated = new Map<string, number>();

  constructor(ports: StatesPorts) {
    this.#ports = ports;
    this.#tail = new TopicTail({ log: ports.log, topic: MODEL_STATES, apply: (record) => this.#hear(record) });
  }

  idle = (): Promise<void> => this.#tail.idle();

  ready(tenant: string, model: string, { number, name }: StateInUse): ModelInUse {
    const found = this.#ready.get(nameOf(tenant, model, number));
    if (found === undefined) throw new AttuneError('STORE_UNAVAILABLE', `The model state ${name} is not loaded yet.`);
    return found;
  }

  async load(tenant: string, model: string, { number, name }: StateInUse): Promise<void> {
    const key = nameOf(tenant, model, number);
    const known = this.#ready.get(key);
    if (known !== undefined) {
      this.#ready.delete(key); // and to the end: what is used stays
      this.#ready.set(key, known);
      return;
    }
    if (!this.#offsets.has(key)) await this.#tail.readToEnd();
    if (this.#ready.has(key)) return;
    const offset = this.#offsets.get(key);
    const [record] = offset === undefined ? [] : await this.#ports.log.read(MODEL_STATES, 0, offset, 1);
    if (record === undefined) throw new AttuneError('INTERNAL', `The log does not hold the model state ${name}.`);
    this.#keep(key, ModelState.decode(record.value));
  }

  async look(): Promise<void> {
    const { log, partitions } = this.#ports;
    await this.#tail.readToEnd();
    for (const { tenant, state } of this.#newest.values()) {
      const due = partitions().filter((partition) => (this.#activated.get(`${partition}/${tenant}/${state.model}`) ?? 0) < state.number);
      if (due.length === 0) continue;
      const value = ModelStateActivated.encode({ ...state, number: BigInt(state.number) }).finish();
      await log.append(
        tenant,
        PROFILES,
        due.map((partition) => ({ key: 'model-state', value, partition, headers: recordHeaders('ModelStateActivated') })),
      );
      for (const partition of due) this.#activated.set(`${partition}/${tenant}/${state.model}`, state.number);
    }
  }

  /** The first record of a number holds. */
  #hear({ tenant, offset, value }: LogRecord): void {
    const state = ModelState.decode(value);
    const { model, name } = state;
    const key = nameOf(tenant, model, Number(state.number));
    if (this.#offsets.has(key)) return;
    this.#offsets.set(key, offset);
    this.#keep(key, state);
    this.#ready.delete(nameOf(tenant, model, Number(state.number) - KEPT)); // read again where it is still used
    const newest = this.#newest.get(`${tenant}/${model}`);
    if (newest === undefined || newest.state.number < Number(state.number))
      this.#newest.set(`${tenant}/${model}`, { tenant, state: { model, name, number: Number(state.number) } });
  }

  #keep(key: string, state: ModelState): void {
    this.#ready.set(key, modelOfState(state));
    const [oldest] = this.#ready.keys();
    if (this.#ready.size > READY_MAX && oldest !== undefined) this.#ready.delete(oldest);
  }
}

const nameOf = (tenant: string, model: string, number: number): string => `${tenant}/${model}#${number}`;
