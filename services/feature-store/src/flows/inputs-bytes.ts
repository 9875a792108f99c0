import { NamedValue, ValueStatus } from '@attune/contracts/messages/common/v1/common';
import type { Inputs, NamedReading } from '../domain/read-profile.ts';
import { MessageWriter } from './message-writer.ts';
import { namedValue } from './named-value.ts';

/** Number and type of each field, as protos/ has them. */
const [VALUES, SEGMENTS, CONSENT] = [10, 18, 26] as const;
const [NAME, STATUS, VALUE, EVENT_TIME] = [10, 16, 26, 32] as const;
const [NUMBER, TEXT, TRUTH] = [9, 18, 24] as const;
const [KEY, ALLOWED] = [10, 16] as const;

const writer = new MessageWriter();

/** Inputs as a DecisionInputs in bytes, those of its generated encoder: every feature stands in them, and each customer's first order makes some. */
export function inputsBytes({ values, segments, consent }: Inputs): Uint8Array {
  writer.begin();
  for (const reading of values) writeReading(reading);
  for (const segment of segments) writer.whole(SEGMENTS).text(segment);
  for (const [purpose, allowed] of Object.entries(consent)) {
    const entry = writer.whole(CONSENT).open();
    if (purpose !== '') writer.whole(KEY).text(purpose);
    if (allowed) writer.whole(ALLOWED).whole(1);
    writer.close(entry);
  }
  return writer.done();
}

function writeReading(reading: NamedReading): void {
  const { name, value, eventTimeMs } = reading;
  const from = writer.whole(VALUES).open();
  if (typeof value === 'object' || eventTimeMs < 0) writer.raw(NamedValue.encode(namedValue(reading)).finish());
  else {
    if (name !== '') writer.whole(NAME).text(name);
    writer.whole(STATUS).whole(value === undefined ? ValueStatus.VALUE_STATUS_MISSING : ValueStatus.VALUE_STATUS_PRESENT);
    if (value !== undefined) writePlain(value);
    if (eventTimeMs !== 0) writer.whole(EVENT_TIME).whole(eventTimeMs);
  }
  writer.close(from);
}

function writePlain(value: number | string | boolean): void {
  const from = writer.whole(VALUE).open();
  if (typeof value === 'number') writer.whole(NUMBER).double(value);
  else if (typeof value === 'string') writer.whole(TEXT).text(value);
  else writer.whole(TRUTH).whole(value ? 1 : 0);
  writer.close(from);
}
