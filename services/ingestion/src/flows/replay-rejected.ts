import type { TenantId } from '@attune/event-log/port';
import { codeOf, errorTable } from '@attune/kernel/errors';
import type { PublishAnswer, PublishEvents } from './publish-events.ts';
import { type ReadPorts, readRejected } from './read-rejected.ts';

/** Sends refused events through the door again, each by itself and in order; answers what came of each. @throws AttuneError LOG_UNAVAILABLE, KEY_UNAVAILABLE: those before it are through, and a repeat of them changes nothing */
export type ReplayRejected = (tenant: TenantId, ids: readonly string[]) => Promise<readonly PublishAnswer[]>;

/** Under the message id and the arrival of the first time, so that an event that got in meanwhile counts once, and happened when it did; one that was accepted is answered as it was then. */
export const replayRejected = (ports: ReadPorts, publish: PublishEvents): ReplayRejected => {
  const read = readRejected(ports);
  return async (tenant, ids) => {
    const answers: PublishAnswer[] = [];
    for (const id of ids) answers.push(await one(tenant, id));
    return answers;
  };

  async function one(tenant: TenantId, id: string): Promise<PublishAnswer> {
    try {
      const before = (await ports.replayed.of(tenant)).get(id);
      if (before !== undefined) return { kind: 'accepted', ...before };
      const { original, told, record } = await read(tenant, id);
      if (original === undefined) return { kind: 'rejected', code: 'REJECT_UNKNOWN', field: '' };
      const arrivedAtMs = Number(told.arrivedAtMs || told.receivedAtMs);
      const request = { body: JSON.parse(original), bytes: Buffer.byteLength(original), freshId: record.key, arrivedAtMs, again: true } as const;
      const [answer] = await publish(tenant, [told.source === '' ? request : { ...request, source: told.source }]);
      if (answer?.kind === 'accepted') await ports.replayed.note(tenant, id, answer);
      return answer ?? { kind: 'rejected', code: 'INTERNAL', field: '' };
    } catch (fault) {
      const code = codeOf(fault);
      if (errorTable[code].retriable || code === 'INTERNAL') throw fault;
      return { kind: 'rejected', code, field: '' };
    }
  }
};
