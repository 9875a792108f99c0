import type { Slot } from './port.ts';

const SLOTS = 16_384;

/** CRC16/XMODEM of the text in latin1, modulo 16,384: the Redis Cluster slot of a key whose hash tag is `text` (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/). */
export function clusterSlotOf(text: string): number {
  let crc = 0;
  for (let i = 0; i < text.length; i++) {
    crc ^= (text.charCodeAt(i) & 0xff) << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc % SLOTS;
}

/**
 * Hash tag of partition i of n (n ≤ 16,384): the first of `iofn.0`, `iofn.1`, … that lies in the i-th of n equal slot ranges.
 * So masters that share the slots evenly share the partitions evenly; plain tags would give the unluckiest of nine masters 1.4 times the mean.
 * Never change this search: the keys of every installation follow from it.
 * @throws RangeError for a partition that does not exist.
 */
export function slotTag(partition: number, partitions: number): string {
  if (!(partition >= 0 && partition < partitions && partitions <= SLOTS)) throw new RangeError(`partition ${partition} of ${partitions}`);
  const first = Math.floor((partition * SLOTS) / partitions);
  const end = Math.floor(((partition + 1) * SLOTS) / partitions);
  for (let k = 0; ; k++) {
    const tag = `${partition}of${partitions}.${k}`;
    const slot = clusterSlotOf(tag);
    if (slot >= first && slot < end) return tag;
  }
}

/** The Redis keys of one slot, all under one hash tag. */
export interface SlotKeys {
  readonly states: string;
  readonly outbox: string;
  readonly due: string;
  readonly skips: string;
}

/** The keys of a slot. `_` stands where a tenant would: a partition has one watermark for all tenants, which stand inside the state keys instead. */
export function slotKeys({ processor, partition, partitions }: Slot): SlotKeys {
  const key = (part: string): string => `{${slotTag(partition, partitions)}}:_:${part}:${processor}`;
  return { states: key('states'), outbox: key('outbox'), due: key('due'), skips: key('skips') };
}
