import type { Consumption } from '@attune/event-log/port';
import { expect, test } from 'vitest';
import { aName, aRecord, aTopic, eventually, goOn, type LogSubject, tenant, Witness } from './event-log-subject.ts';

/** One member of a group: where it starts, and what each verdict does. */
export function consumingCases(subject: () => LogSubject, reopens: boolean): void {
  test('a group without a commit starts at the first record and follows new ones', async () => {
    const { log } = subject();
    const topic = await aTopic(log);
    await log.append(tenant, topic, [aRecord('a')]);
    const witness = new Witness();
    await log.consume({ topic, group: aName('group'), handler: witness });
    await eventually(() => expect(witness.seen()).toEqual(['a']));
    await log.append(tenant, topic, [aRecord('b')]);
    await eventually(() => expect(witness.seen()).toEqual(['a', 'b']));
    expect(witness.batches.map(({ fetchedOffset }) => fetchedOffset)).toEqual([0, 1]);
  });

  test('a new member goes on at the committed offset', async () => {
    const { log } = subject();
    const topic = await aTopic(log);
    const group = aName('group');
    await log.append(tenant, topic, [aRecord('a'), aRecord('b')]);
    const first = new Witness();
    const consumption = await log.consume({ topic, group, handler: first });
    await eventually(() => expect(first.seen()).toEqual(['a', 'b']));
    expect(await log.committed(group, topic, 0)).toBeUndefined();
    await consumption.commit(new Map([[0, 1]]));
    expect(await log.committed(group, topic, 0)).toBe(1);
    await consumption.stop(1000);
    const second = new Witness();
    await log.consume({ topic, group, handler: second });
    await eventually(() => expect(second.seen()).toEqual(['b']));
    expect(second.batches[0]?.fetchedOffset).toBe(1);
  });

  test('a verdict may take a part of the batch, and the rest comes again', async () => {
    const { log } = subject();
    const topic = await aTopic(log);
    await log.append(tenant, topic, [aRecord('a'), aRecord('b'), aRecord('c')]);
    const witness = new Witness((batch) => ({ kind: 'next', offset: batch.fetchedOffset + 1 }));
    await log.consume({ topic, group: aName('group'), handler: witness });
    await eventually(() => expect(witness.seen()).toEqual(['a', 'b', 'c', 'b', 'c', 'c']));
  });

  test('a seek verdict jumps back and forth', async () => {
    const { log } = subject();
    const topic = await aTopic(log);
    await log.append(tenant, topic, [aRecord('a'), aRecord('b'), aRecord('c')]);
    const witness = new Witness((batch) => (witness.batches.length === 1 ? { kind: 'seek', offset: 2 } : goOn(batch)));
    const consumption = await log.consume({ topic, group: aName('group'), handler: witness });
    await eventually(() => expect(witness.seen()).toEqual(['a', 'b', 'c', 'c']));
    consumption.seek(0, 1);
    await eventually(() => expect(witness.seen()).toEqual(['a', 'b', 'c', 'c', 'b', 'c']));
    expect(witness.batches.at(-1)?.fetchedOffset).toBe(1);
  });

  test('a seek while a handler runs makes its batch stale and stands against its verdict', async () => {
    const { log } = subject();
    const topic = await aTopic(log);
    await log.append(tenant, topic, [aRecord('a'), aRecord('b')]);
    const joined = Promise.withResolvers<Consumption>();
    let stale = false;
    const witness = new Witness(async (batch, control) => {
      if (witness.batches.length > 1) return goOn(batch);
      (await joined.promise).seek(0, 1);
      stale = control.stale();
      return goOn(batch);
    });
    joined.resolve(await log.consume({ topic, group: aName('group'), handler: witness }));
    await eventually(() => expect(witness.seen()).toEqual(['a', 'b', 'b']));
    expect(stale).toBe(true);
  });

  test('a paused partition gets the same records again, while the other one flows', async () => {
    const { log } = subject();
    const topic = await aTopic(log);
    let paused = true;
    const witness = new Witness((batch) => (batch.partition === 0 && paused ? { kind: 'pause', ms: 400 } : goOn(batch)));
    await log.consume({ topic, group: aName('group'), handler: witness });
    await log.append(tenant, topic, [aRecord('stuck')]);
    await eventually(() => expect(witness.seen(0)).toEqual(['stuck']));
    await log.append(tenant, topic, [aRecord('free', { partition: 1 })]);
    await eventually(() => expect(witness.seen(1)).toEqual(['free']));
    paused = false;
    const before = witness.seen(0).length;
    await eventually(() => expect(witness.seen(0).length).toBe(before + 1));
    expect(new Set(witness.seen(0))).toEqual(new Set(['stuck']));
    expect(new Set(witness.batches.filter(({ partition }) => partition === 0).map(({ fetchedOffset }) => fetchedOffset))).toEqual(new Set([0]));
  });

  test('a handler that throws gets the same records again', async () => {
    const { log } = subject();
    const topic = await aTopic(log);
    await log.append(tenant, topic, [aRecord('a')]);
    const witness = new Witness((batch) => {
      if (witness.batches.length === 1) throw new Error('the first time fails');
      return goOn(batch);
    });
    const startedMs = performance.now();
    await log.consume({ topic, group: aName('group'), handler: witness });
    await eventually(() => expect(witness.seen()).toEqual(['a', 'a']));
    expect(performance.now() - startedMs).toBeGreaterThan(900);
  });

  test('stopping waits for the running handler, and nothing is delivered afterwards', async () => {
    const { log } = subject();
    const topic = await aTopic(log);
    const gate = Promise.withResolvers<void>();
    let stale = false;
    const witness = new Witness(async (batch, control) => {
      await gate.promise;
      stale = control.stale();
      return goOn(batch);
    });
    const consumption = await log.consume({ topic, group: aName('group'), handler: witness });
    await log.append(tenant, topic, [aRecord('a')]);
    await eventually(() => expect(witness.batches.length).toBe(1));
    let stopped = false;
    const stop = consumption.stop(20_000).then(() => {
      stopped = true;
    });
    await log.append(tenant, topic, [aRecord('b')]);
    expect(stopped).toBe(false);
    gate.resolve();
    await stop;
    await consumption.ended;
    expect(stale).toBe(true);
    expect(witness.seen()).toEqual(['a']);
  });

  test('stopping gives up on a handler that hangs after its grace', async () => {
    const { log } = subject();
    const topic = await aTopic(log);
    const gate = Promise.withResolvers<void>();
    const witness = new Witness(async (batch) => {
      await gate.promise;
      return goOn(batch);
    });
    const consumption = await log.consume({ topic, group: aName('group'), handler: witness });
    await log.append(tenant, topic, [aRecord('a')]);
    await eventually(() => expect(witness.batches.length).toBe(1));
    await consumption.stop(50);
    expect(consumption.assignment().partitions).toEqual([]);
    gate.resolve();
  });

  if (!reopens) return;
  test('a committed offset survives a reopening', async () => {
    const { log, reopen } = subject();
    const topic = await aTopic(log);
    const group = aName('group');
    const consumption = await log.consume({ topic, group, handler: new Witness() });
    await eventually(() => expect(consumption.assignment().partitions).toContain(0));
    await log.append(tenant, topic, [aRecord('a'), aRecord('b')]);
    await consumption.commit(new Map([[0, 2]]));
    await log.close();
    const again = await reopen?.();
    expect(await again?.committed(group, topic, 0)).toBe(2);
    await again?.close();
  });
}
