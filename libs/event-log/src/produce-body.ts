import { crc32c } from './crc32c.ts';
import { textBytes, varintBytes, writeText, writeVarint } from './wire-text.ts';

/** A record to send; a value of null is a tombstone. */
export interface ProducedRecord {
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** What goes to one topic in one request. */
export interface ProducedTopic {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly messages: readonly ProducedRecord[] }[];
}

/** A request to append, as kafkajs makes it. */
export interface Produced {
  readonly acks: number;
  /** How long the broker may wait for its replicas, in ms. */
  readonly timeout: number;
  readonly topicData: readonly ProducedTopic[];
}

/**
 * The body of a Produce request of version 3 to 7 (https://kafka.apache.org/protocol.html), neither compressed, nor idempotent, nor of a transaction: byte for
 * byte what kafkajs writes. `nowMs` is the time that each record carries; the log puts its own there.
 */
export function produceBody({ acks, timeout, topicData }: Produced, nowMs: number): Buffer {
  const sizes: number[] = [];
  const into = Buffer.allocUnsafe(bodyBytes(topicData, sizes));
  let [at, nextSize] = [into.writeInt16BE(-1, 0), 0]; // no transaction
  at = into.writeInt16BE(acks, at);
  at = into.writeInt32BE(timeout, at);
  at = into.writeInt32BE(topicData.length, at);
  for (const { topic, partitions } of topicData) {
    at = into.writeInt16BE(textBytes(topic), at);
    at = writeText(into, at, topic);
    at = into.writeInt32BE(partitions.length, at);
    for (const { partition, messages } of partitions) {
      at = into.writeInt32BE(partition, at);
      at = writeBatch(into, at, { messages, sizes, firstSize: nextSize, nowMs });
      nextSize += messages.length;
    }
  }
  return into;
}

/** Bytes of a batch in front of its records, without the first two fields. */
const BATCH_HEAD_BYTES = 49;
const MAGIC = 2;

/** Notes the size of each record, in order, so that it is counted once. */
function bodyBytes(topicData: readonly ProducedTopic[], sizes: number[]): number {
  let bytes = 12;
  for (const { topic, partitions } of topicData) {
    bytes += 6 + textBytes(topic);
    for (const { messages } of partitions) {
      bytes += 8 + 12 + BATCH_HEAD_BYTES;
      for (const [index, message] of messages.entries()) {
        const size = recordBytes(message, index);
        sizes.push(size);
        bytes += varintBytes(size) + size;
      }
    }
  }
  return bytes;
}

/** Attributes, time and place in the batch, key, value, headers. */
function recordBytes({ key, value, headers }: ProducedRecord, index: number): number {
  let bytes = 2 + varintBytes(index) + sizedText(key) + (value === null ? 1 : varintBytes(value.length) + value.length);
  let count = 0;
  for (const name in headers) {
    count++;
    bytes += sizedText(name) + sizedText(headers[name] as string);
  }
  return bytes + varintBytes(count);
}

function sizedText(text: string): number {
  const bytes = textBytes(text);
  return varintBytes(bytes) + bytes;
}

interface Batch {
  readonly messages: readonly ProducedRecord[];
  /** Those of all records of the request. */
  readonly sizes: readonly number[];
  /** The place of this batch's first record among them. */
  readonly firstSize: number;
  readonly nowMs: number;
}

/** Writes the number of bytes and the batch; answers the place behind it. */
function writeBatch(into: Buffer, from: number, { messages, sizes, firstSize, nowMs }: Batch): number {
  const begins = from + 4;
  const summed = begins + 21;
  let at = into.writeInt16BE(0, summed); // attributes
  at = into.writeInt32BE(messages.length - 1, at);
  at = into.writeBigInt64BE(BigInt(nowMs), at);
  at = into.writeBigInt64BE(BigInt(nowMs), at);
  at = into.writeBigInt64BE(-1n, at); // producer
  at = into.writeInt16BE(0, at);
  at = into.writeInt32BE(0, at);
  at = into.writeInt32BE(messages.length, at);
  for (const [index, message] of messages.entries()) at = writeRecord(into, at, { message, index, size: sizes[firstSize + index] as number });
  into.writeInt32BE(at - begins, from);
  into.writeBigInt64BE(0n, begins);
  into.writeInt32BE(at - begins - 12, begins + 8);
  into.writeInt32BE(0, begins + 12);
  into.writeInt8(MAGIC, begins + 16);
  into.writeUInt32BE(crc32c(into, summed, at), begins + 17);
  return at;
}

interface Placed {
  readonly message: ProducedRecord;
  readonly index: number;
  readonly size: number;
}

function writeRecord(into: Buffer, from: number, { message: { key, value, headers }, index, size }: Placed): number {
  let at = writeVarint(into, from, size);
  into[at++] = 0; // attributes
  into[at++] = 0; // no time after the batch's
  at = writeVarint(into, at, index);
  at = writeSizedText(into, at, key);
  at = writeVarint(into, at, value === null ? -1 : value.length);
  if (value !== null) {
    into.set(value, at);
    at += value.length;
  }
  at = writeVarint(into, at, countOf(headers));
  for (const name in headers) at = writeSizedText(into, writeSizedText(into, at, name), headers[name] as string);
  return at;
}

const writeSizedText = (into: Buffer, at: number, text: string): number => writeText(into, writeVarint(into, at, textBytes(text)), text);

function countOf(headers: ProducedRecord['headers']): number {
  let count = 0;
  for (const _ in headers) count++;
  return count;
}
