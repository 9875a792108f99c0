import type { Consumption } from '@attune/event-log/port';
import { expect, test } from 'vitest';
import { aName, aRecord, aTopic, eventually, goOn, type LogSubject, tenant, Witness } from './event-log-subject.ts';

const sizes = (...members: readonly Consumption[]): number[] => members.map((member) => member.assignment().partitions.length);

/** Several members of one group: who owns what, and what a former owner can still do. */
export function sharingCases(subject: () => LogSubject): void {
  test('two members share the partitions, and the one that stays takes them all when the other leaves', async () => {
    const { log } = subject();
    const topic = await aTopic(log);
    const group = aName('group');
    const [first, second] = [new Witness(), new Witness()];
    const staying = await log.consume({ topic, group, handler: first });
    await eventually(() => expect(sizes(staying)).toEqual([2]));
    const alone = staying.assignment().generation;
    const leaving = await log.consume({ topic, group, handler: second });
    await eventually(() => expect(sizes(staying, leaving)).toEqual([1, 1]));
    const shared = staying.assignment().generation;
    expect(shared).toBeGreaterThan(alone);
    await log.append(tenant, topic, [aRecord('a'), aRecord('b', { partition: 1 })]);
    await eventually(() => expect([...first.seen(), ...second.seen()].toSorted()).toEqual(['a', 'b']));
    expect(first.seen().length).toBe(1);
    await leaving.stop(1000);
    await eventually(() => expect(sizes(staying)).toEqual([2]));
    expect(staying.assignment().generation).toBeGreaterThan(shared);
    await eventually(() => expect(new Set(first.seen())).toEqual(new Set(['a', 'b'])));
    expect(first.batches.at(-1)?.generation).toBe(staying.assignment().generation);
  });

  test('handlers see that partitions were dealt anew; until they return nobody else gets these, and their verdicts move nothing', async () => {
    const { log } = subject();
    const topic = await aTopic(log);
    const group = aName('group');
    const [gate, second] = [Promise.withResolvers<void>(), new Witness()];
    let stale = 0;
    const first = new Witness(async (batch, control) => {
      if (first.batches.length > 2) return goOn(batch);
      await eventually(async () => {
        await control.heartbeat();
        expect(control.stale()).toBe(true);
      });
      stale++;
      await gate.promise;
      return goOn(batch);
    });
    await log.append(tenant, topic, [aRecord('a'), aRecord('b', { partition: 1 })]);
    await log.consume({ topic, group, handler: first });
    await eventually(() => expect(first.batches.length).toBe(2));
    const joining = log.consume({ topic, group, handler: second });
    await eventually(() => expect(stale).toBe(2));
    expect(second.batches).toEqual([]);
    gate.resolve();
    await joining;
    await eventually(() => expect([...first.seen(), ...second.seen()].toSorted()).toEqual(['a', 'a', 'b', 'b']));
    expect(second.seen().length).toBe(1);
  });

  test('a commit by a member that lost the partition changes nothing', async () => {
    const { log } = subject();
    const topic = await aTopic(log);
    const group = aName('group');
    const first = await log.consume({ topic, group, handler: new Witness() });
    await log.append(tenant, topic, [aRecord('a'), aRecord('b', { partition: 1 })]);
    const second = await log.consume({ topic, group, handler: new Witness() });
    await eventually(() => expect(sizes(first, second)).toEqual([1, 1]));
    const [lost] = second.assignment().partitions;
    await first.commit(new Map([[lost ?? 0, 1]]));
    expect(await log.committed(group, topic, lost ?? 0)).toBeUndefined();
    await second.stop(1000);
    await second.commit(new Map([[lost ?? 0, 1]]));
    expect(await log.committed(group, topic, lost ?? 0)).toBeUndefined();
  });

  test('groups do not disturb each other', async () => {
    const { log } = subject();
    const topic = await aTopic(log);
    const [first, second] = [new Witness(), new Witness()];
    await log.consume({ topic, group: aName('group'), handler: first });
    await log.consume({ topic, group: aName('group'), handler: second });
    await log.append(tenant, topic, [aRecord('a')]);
    await eventually(() => expect([first.seen(), second.seen()]).toEqual([['a'], ['a']]));
  });
}
