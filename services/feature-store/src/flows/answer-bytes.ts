import { type NamedValue, type Position, Value } from '@attune/contracts/messages/common/v1/common';
import type { MessageWriter } from './message-writer.ts';

/** Number and type of each field, as protos/ has them. */
const POSITION = { topic: 10, partition: 16, offset: 24 } as const;
const NAMED = { name: 10, status: 16, value: 26, eventTimeMs: 32, ageMs: 40 } as const;
const VALUE = { number: 9, text: 18, truth: 24 } as const;

const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** Appends a field that is a value with its name. */
export function writeNamed(writer: MessageWriter, tag: number, { name, status, value, eventTimeMs, ageMs }: NamedValue): void {
  const from = writer.whole(tag).open();
  writeText(writer, NAMED.name, name);
  if (status > 0) writer.whole(NAMED.status).whole(status);
  else writeLong(writer, NAMED.status, BigInt(status));
  if (value !== undefined) writeValue(writer, value);
  writeLong(writer, NAMED.eventTimeMs, eventTimeMs);
  if (ageMs !== undefined) varint(writer, NAMED.ageMs, ageMs);
  writer.close(from);
}

/** Appends a field that is a place in a log, where it is there. */
export function writePosition(writer: MessageWriter, tag: number, position: Position | undefined): void {
  if (position === undefined) return;
  const from = writer.whole(tag).open();
  writeText(writer, POSITION.topic, position.topic);
  writeLong(writer, POSITION.partition, BigInt(position.partition));
  writeLong(writer, POSITION.offset, position.offset);
  writer.close(from);
}

/** Appends a field that is a text, unless it is empty. */
export function writeText(writer: MessageWriter, tag: number, text: string): void {
  if (text !== '') writer.whole(tag).text(text);
}

/** Appends a field that is a whole number of 64 bits, unless it is 0. */
export function writeLong(writer: MessageWriter, tag: number, value: bigint): void {
  if (value !== 0n) varint(writer, tag, value);
}

function writeValue(writer: MessageWriter, value: Value): void {
  const from = writer.whole(NAMED.value).open();
  const { kind } = value;
  if (kind?.$case === 'number') writer.whole(VALUE.number).double(kind.value);
  else if (kind?.$case === 'text') writer.whole(VALUE.text).text(kind.value);
  else if (kind?.$case === 'truth') writer.whole(VALUE.truth).whole(kind.value ? 1 : 0);
  else writer.raw(Value.encode(value).finish());
  writer.close(from);
}

/** Numbers of 64 bits are slow to compare: nearly all of them are small. What is negative is written as the number of 64 bits that it looks like. */
function varint(writer: MessageWriter, tag: number, value: bigint): void {
  const number = Number(value);
  writer.whole(tag);
  if (number >= 0 && number <= Number.MAX_SAFE_INTEGER) writer.whole(number);
  else longVarint(writer, BigInt.asUintN(64, value));
}

function longVarint(writer: MessageWriter, value: bigint): void {
  let rest = value;
  for (; rest > SAFE_MAX; rest >>= 7n) writer.byte(Number(rest & 127n) | 128);
  writer.whole(Number(rest));
}
