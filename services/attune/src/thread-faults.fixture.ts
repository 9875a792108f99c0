import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Consumption, EventLog } from '@attune/event-log/port';
import { SqliteEventLog } from '@attune/event-log/sqlite-event-log';
import { AttuneError } from '@attune/kernel/errors';
import { seededRandom } from '@attune/kernel/random';
import { fileSecrets } from '@attune/runtime/file-secrets';
import { systemStopwatch } from '@attune/runtime/world';
import { SqliteKeyStore } from '@attune/sealing/sqlite-key-store';
import type { SlotReader, StateStore } from '@attune/state-store/port';
import { SqliteStateStore } from '@attune/state-store/sqlite-state-store';
import { readSettings } from './config.ts';
import { type Attune, embedded } from './container.ts';
import type { Foundations } from './foundations.ts';
import { readConfiguration } from './read-configuration.ts';

/** What a machine is made with. */
export interface FaultyMachineOptions {
  readonly seed: string;
  /** Path of attune.yaml. */
  readonly shop: string;
  readonly smtpUrl: string;
  readonly startMs: number;
}

const [LOST, REFUSED, UNREAD, SNAPSHOT, ROLLBACK] = [0.03, 0.03, 0.005, 0.03, 0.005] as const;

/** One process in a folder of its own whose log and store lose replies, refuse calls and, the store, go back in time. Test only. */
export class FaultyMachine {
  readonly random: () => number;
  readonly folder = mkdtempSync(join(tmpdir(), 'attune-'));
  nowMs: number;
  /** What happened to it, for the report of a failure. */
  readonly suffered: Record<string, number> = {};
  readonly #options: FaultyMachineOptions;
  #attune: Attune | undefined;
  #store: SqliteStateStore | undefined;
  #rollingBack: Promise<void> | undefined;
  #snapshots = 0;
  #faulty = false;
  #dead = false;

  constructor(options: FaultyMachineOptions) {
    this.#options = options;
    this.random = seededRandom(options.seed);
    this.nowMs = options.startMs;
  }

  get attune(): Attune {
    if (this.#attune === undefined) throw new Error('nothing runs');
    return this.#attune;
  }

  /** Starts without faults, and with them from then on unless told otherwise. */
  async start(faulty = true): Promise<void> {
    const { shop, smtpUrl } = this.#options;
    this.#dead = false;
    const settings = readSettings({ ATTUNE_DATA_DIR: this.folder, ATTUNE_LOG_LEVEL: 'silent', ATTUNE_SMTP_URL: smtpUrl });
    const clock = { nowMs: () => this.nowMs };
    const foundations = this.#foundations();
    this.#attune = await embedded({ ...readConfiguration(shop), settings, clock, foundations, pageFolder: this.folder, demo: () => ({ madeUp: [] }) });
    this.#faulty = faulty;
  }

  /** Ends it; `killed` = nothing that is under way reaches log or store any more. */
  async stop(killed: boolean): Promise<void> {
    this.#dead = killed;
    this.#faulty = false;
    await this.#attune?.stop();
    this.#attune = undefined;
  }

  /** Faults end; resolves once everything has come through. */
  async settle(): Promise<void> {
    this.#faulty = false;
    await this.attune.pipeline.settle(systemStopwatch);
  }

  /** All states, each in bytes. The machine must be stopped. */
  states(): ReadonlyMap<string, string> {
    const file = new DatabaseSync(join(this.folder, 'store.sqlite'));
    const rows = file.prepare('SELECT processor, part, key, hex(state) AS state FROM states JOIN slots USING (slot)').all();
    file.close();
    return new Map(rows.map(({ processor, part, key, state }) => [`${String(processor)}/${String(part)}/${String(key)}`, String(state)]));
  }

  /** Takes the store away. The machine must be stopped. */
  loseStore(): void {
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(this.folder, `store.sqlite${suffix}`), { force: true });
  }

  async remove(): Promise<void> {
    await this.stop(true);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #foundations(): Foundations {
    const secrets = fileSecrets(join(this.folder, 'secrets'));
    const log = new SqliteEventLog({ path: join(this.folder, 'log.sqlite'), clock: { nowMs: () => this.nowMs }, stopwatch: systemStopwatch });
    this.#store = new SqliteStateStore(join(this.folder, 'store.sqlite'));
    return { log: this.#logOver(log), store: this.#storeOver(), keys: new SqliteKeyStore({ path: join(this.folder, 'keys.sqlite'), secrets }), secrets };
  }

  #logOver(log: EventLog): EventLog {
    const consumption = (inner: Consumption): Consumption => ({
      assignment: () => inner.assignment(),
      seek: (partition, offset) => inner.seek(partition, offset),
      commit: (offsets) => this.#faultyCall('LOG_UNAVAILABLE', 'offset', () => inner.commit(offsets)),
      stop: (graceMs) => inner.stop(graceMs),
      ended: inner.ended,
    });
    return {
      ensureTopics: (specs) => log.ensureTopics(specs),
      identity: (topic) => log.identity(topic),
      bounds: (topic, partition) => log.bounds(topic, partition),
      append: (tenant, topic, records) => this.#faultyCall('LOG_UNAVAILABLE', 'append', () => log.append(tenant, topic, records)),
      read: (topic, partition, from, max) => log.read(topic, partition, from, max),
      committed: (group, topic, partition) => log.committed(group, topic, partition),
      consume: async (options) => consumption(await log.consume(options)),
      close: () => log.close(),
    };
  }

  #storeOver(): StateStore & SlotReader {
    const inner = (): SqliteStateStore => {
      if (this.#dead || this.#store === undefined) throw new AttuneError('STORE_UNAVAILABLE');
      return this.#store;
    };
    const read = async <T>(work: () => Promise<T>): Promise<T> => {
      if (this.#strikes(UNREAD, 'read')) throw new AttuneError('STORE_UNAVAILABLE');
      return work();
    };
    return {
      read: (slot, keys) => read(() => inner().read(slot, keys)),
      commit: async (slot, expected, change) => {
        if (this.#strikes(SNAPSHOT, 'snapshot')) this.#snapshot();
        if (this.#snapshots > 0 && this.#strikes(ROLLBACK, 'rollback')) await this.#rollBack();
        return this.#faultyCall('STORE_UNAVAILABLE', 'commit', () => inner().commit(slot, expected, change));
      },
      outbox: (slot) => read(() => inner().outbox(slot)),
      page: (slot, cursor, max) => read(() => inner().page(slot, cursor, max)),
      copy: (slot, keys) => read(() => inner().copy(slot, keys)),
      trim: (slot, ids) => this.#faultyCall('STORE_UNAVAILABLE', 'trim', () => inner().trim(slot, ids)),
      due: (slot, untilMs, max) => read(() => inner().due(slot, untilMs, max)),
      skipped: (slot) => read(() => inner().skipped(slot)),
      clear: (slot) => inner().clear(slot),
      close: async () => {
        await this.#rollingBack;
        await this.#store?.close();
      },
    };
  }

  /** The call happens and its reply is lost, or it does not happen. */
  async #faultyCall<T>(code: 'LOG_UNAVAILABLE' | 'STORE_UNAVAILABLE', name: string, work: () => Promise<T>): Promise<T> {
    if (this.#dead || this.#strikes(REFUSED, `${name} refused`)) throw new AttuneError(code);
    const answer = await work();
    if (this.#dead || this.#strikes(LOST, `${name} lost`)) throw new AttuneError(code);
    return answer;
  }

  #strikes(chance: number, name: string): boolean {
    if (!this.#faulty || this.random() >= chance) return false;
    this.suffered[name] = (this.suffered[name] ?? 0) + 1;
    return true;
  }

  #snapshot(): void {
    const file = new DatabaseSync(join(this.folder, 'store.sqlite'));
    file.exec(`VACUUM INTO '${join(this.folder, `snapshot-${this.#snapshots++}.sqlite`)}'`);
    file.close();
  }

  /** To one of the last snapshots, under the feet of whoever runs. */
  #rollBack(): Promise<void> {
    this.#rollingBack ??= this.#replace().finally(() => {
      this.#rollingBack = undefined;
    });
    return this.#rollingBack;
  }

  /** A store that is still open when its files are replaced would take the write-ahead log of the new one away as it closes. */
  async #replace(): Promise<void> {
    const path = join(this.folder, 'store.sqlite');
    const back = Math.max(0, this.#snapshots - 1 - Math.floor(this.random() * 4));
    const before = this.#store;
    this.#store = undefined;
    await before?.close();
    this.loseStore();
    copyFileSync(join(this.folder, `snapshot-${back}.sqlite`), path);
    this.#store = new SqliteStateStore(path);
  }
}
