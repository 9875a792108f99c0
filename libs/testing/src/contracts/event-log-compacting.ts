import { expect, test } from 'vitest';
import { aName, aRecord, aTopic, eventually, goOn, type LogSubject, tenant, texts, Witness } from './event-log-subject.ts';

const empty = new Uint8Array(0);

/** Tombstones, and topics that keep the newest record of each key. */
export function compactingCases(subject: () => LogSubject): void {
  test('a tombstone comes back as one, with its key, its headers and no value, to readers and to groups', async () => {
    const { log } = subject();
    const topic = await aTopic(log);
    const tombstone = { ...aRecord('kept by nobody', { key: 'k', headers: { note: 'n' } }), tombstone: true as const };
    await log.append(tenant, topic, [aRecord('a'), tombstone, aRecord('b')]);
    const read = await log.read(topic, 0, 0, 9);
    expect(read.map((record) => record.tombstone ?? false)).toEqual([false, true, false]);
    expect(read[1]).toMatchObject({ tenant, key: 'k', headers: { note: 'n' } });
    expect(read[1]?.value).toHaveLength(0);
    const witness = new Witness(goOn);
    await log.consume({ topic, group: aName('group'), handler: witness });
    await eventually(() => expect(witness.seen()).toEqual(['a', '', 'b']));
    expect(witness.batches.flatMap(({ records }) => records.filter((record) => record.tombstone)).map(({ key }) => key)).toEqual(['k']);
  });

  test('a compacted topic answers the newest record of each key, in order', async () => {
    const { log } = subject();
    const topic = aName('compacted');
    await log.ensureTopics([{ topic, partitions: 1, compacted: true }]);
    const appended = [aRecord('a1', { key: 'a' }), aRecord('b1', { key: 'b' }), aRecord('a2', { key: 'a' }), aRecord('c1', { key: 'c' })];
    await log.append(tenant, topic, appended);
    await log.append(tenant, topic, [{ key: 'c', value: empty, tombstone: true, partition: 0 }]);
    const newest = new Map((await log.read(topic, 0, 0, 9)).map((record) => [record.key, record]));
    expect(texts([...newest.values()].toSorted((one, other) => one.offset - other.offset))).toEqual(['b1', 'a2', '']);
    expect(newest.get('c')?.tombstone).toBe(true);
    expect((await log.bounds(topic, 0)).endOffset).toBe(5);
  });
}
