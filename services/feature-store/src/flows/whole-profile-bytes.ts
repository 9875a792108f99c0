import type { GetProfileResponse } from '@attune/contracts/messages/features/v1/features';
import { writeLong, writeNamed, writePosition, writeText } from './answer-bytes.ts';
import { MessageWriter } from './message-writer.ts';

/** Number and type of each field, as protos/ has them. */
const PROFILE = { profileId: 10, features: 18, traits: 26, segments: 34, consent: 42, position: 50, nowMs: 56, events: 64, merged: 74, leaf: 82 } as const;
const CONSENT = { purpose: 10, allowed: 16 } as const;

const writer = new MessageWriter();

/** The answer of GetProfile in bytes, those of its generated encoder. */
export function wholeProfileBytes(answer: GetProfileResponse): Uint8Array {
  writer.begin();
  writeText(writer, PROFILE.profileId, answer.profileId);
  for (const value of answer.features) writeNamed(writer, PROFILE.features, value);
  for (const value of answer.traits) writeNamed(writer, PROFILE.traits, value);
  for (const segment of answer.segments) writer.whole(PROFILE.segments).text(segment);
  for (const [purpose, allowed] of Object.entries(answer.consent)) {
    const from = writer.whole(PROFILE.consent).open();
    writeText(writer, CONSENT.purpose, purpose);
    if (allowed) writer.whole(CONSENT.allowed).whole(1);
    writer.close(from);
  }
  writePosition(writer, PROFILE.position, answer.position);
  writeLong(writer, PROFILE.nowMs, answer.nowMs);
  writeLong(writer, PROFILE.events, answer.events);
  for (const profileId of answer.mergedProfileIds) writer.whole(PROFILE.merged).text(profileId);
  writeText(writer, PROFILE.leaf, answer.leaf);
  return writer.done();
}
