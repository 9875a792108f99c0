import type { BatchVerdict, ConsumeOptions, Consumption, EventLog, LogRecord, NewRecord, Position } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import { partitionOf } from '@attune/kernel/hash';
import type { Scheduler, SimProcess } from './scheduler.ts';
import type { SimGroup } from './sim-group.ts';

/** The simulated brokers: records, which are never lost, and what groups have committed. */
export class SimBroker {
  readonly partitions: number;
  readonly #committed = new Map<string, number>();
  readonly #records = new Map<string, LogRecord[]>();

  constructor(partitions: number) {
    this.partitions = partitions;
  }

  /** What a group has committed of a partition of its topic. */
  committedOf(group: string, partition: number): number | undefined {
    return this.#committed.get(`${group}/${partition}`);
  }

  commit(group: string, partition: number, offset: number): void {
    this.#committed.set(`${group}/${partition}`, offset);
  }

  of(topic: string, partition: number): LogRecord[] {
    const name = `${topic}/${partition}`;
    let records = this.#records.get(name);
    if (records === undefined) {
      records = [];
      this.#records.set(name, records);
    }
    return records;
  }

  append(
    tenant: string,
    topic: string,
    { key, value, tombstone, headers = {}, partition = partitionOf(key, this.partitions) }: NewRecord,
    appendedAtMs: number,
  ): Position {
    const records = this.of(topic, partition);
    const offset = records.length;
    const kept = tombstone ? { value: new Uint8Array(0), tombstone } : { value };
    records.push({ topic, partition, offset, appendedAtMs, tenant, key, ...kept, headers });
    return { topic, partition, offset };
  }
}

const away = (): Error => new AttuneError('LOG_UNAVAILABLE', 'simulated.');

/** What a process's connection to the simulated log is made of. */
export interface SimLogParts {
  readonly scheduler: Scheduler;
  readonly broker: SimBroker;
  readonly groupOf: (name: string) => SimGroup;
  readonly process: SimProcess;
  /** An append takes up to so long, in virtual ms. */
  readonly appendMsMax: number;
}

/** A process's connection to the simulated log. */
export function simLog(parts: SimLogParts): EventLog {
  const { scheduler, broker, groupOf, process, appendMsMax } = parts;
  const call = <T>(effect: () => T): Promise<T> => scheduler.call(process, { effect, fault: away });
  return {
    ensureTopics: async () => {},
    identity: () => call(() => ({ logId: 'simulated', partitions: broker.partitions })),
    bounds: (topic, partition) => call(() => ({ startOffset: 0, endOffset: broker.of(topic, partition).length })),
    append: (tenant, topic, records) =>
      scheduler.call(process, {
        effect: () => records.map((record) => broker.append(tenant, topic, record, scheduler.nowMs)),
        fault: away,
        atMs: appendMsMax === 0 ? 0 : scheduler.nowMs + Math.floor(scheduler.random() * appendMsMax),
      }),
    read: (topic, partition, from, max) => call(() => broker.of(topic, partition).slice(from, from + max)),
    committed: (group, _topic, partition) => call(() => broker.committedOf(group, partition)),
    consume: async (options) => consume(parts, options, groupOf(options.group)),
    close: async () => {},
  };
}

const BATCH_MAX = 12;

function consume({ scheduler, broker, process }: SimLogParts, { topic, group: name, handler }: ConsumeOptions, group: SimGroup): Consumption {
  const member = group.join(process);
  const cursors = new Map<number, number>();
  let stopped = false;
  const owns = (partition: number): boolean => !stopped && member.partitions.includes(partition);

  /** Fetches and hands over one partition for as long as the member believes that it owns it; a zombie believes longer. */
  const serve = async (partition: number): Promise<void> => {
    const mine = member.generation;
    cursors.set(partition, broker.committedOf(name, partition) ?? 0);
    while (owns(partition) && member.generation === mine) {
      const at = cursors.get(partition) ?? 0;
      const records = await scheduler.call(process, {
        effect: () => broker.of(topic, partition).slice(at, at + 1 + Math.floor(scheduler.random() * BATCH_MAX)),
        ready: () => broker.of(topic, partition).length > (cursors.get(partition) ?? 0) || !owns(partition) || member.generation !== mine,
      });
      if (records.length === 0 || cursors.get(partition) !== at) continue;
      const stale = (): boolean => !owns(partition) || member.generation !== mine;
      const batch = { topic, partition, generation: mine, fetchedOffset: at, records };
      const verdict = await handler.onBatch(batch, { heartbeat: () => scheduler.call(process, { effect: () => undefined }), stale });
      await obey(verdict, partition, at);
    }
  };

  const obey = async (verdict: BatchVerdict, partition: number, at: number): Promise<void> => {
    if (verdict.kind === 'pause') await scheduler.call(process, { effect: () => undefined, atMs: scheduler.nowMs + verdict.ms });
    else if (verdict.kind === 'seek' || cursors.get(partition) === at) cursors.set(partition, verdict.offset);
  };

  member.onAssigned = (partitions) => {
    for (const partition of partitions) void serve(partition);
  };
  member.onAssigned(member.partitions);
  return {
    assignment: () => ({ generation: member.generation, partitions: stopped ? [] : member.partitions, member: !stopped }),
    seek: (partition, offset) => void (owns(partition) && cursors.set(partition, offset)),
    commit: (offsets) =>
      scheduler.call(process, {
        fault: away,
        effect: () => {
          // kafkajs has been seen to commit for partitions that it no longer owns: let half of the zombies' commits through
          if (member.generation !== group.generation && scheduler.random() < 0.5) return;
          for (const [partition, offset] of offsets) broker.commit(name, partition, offset);
        },
      }),
    stop: async () => {
      stopped = true;
      group.leave(member);
    },
    ended: new Promise(() => {}),
  };
}
