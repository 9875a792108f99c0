import type { GetProfileResponse } from '@attune/contracts/messages/features/v1/features';
import { AnswerWriter } from './answer-writer.ts';

/** Number and type of each field, as protos/ has them. */
const PROFILE = { profileId: 10, features: 18, traits: 26, segments: 34, consent: 42, position: 50, nowMs: 56, events: 64, merged: 74, leaf: 82 } as const;
const CONSENT = { purpose: 10, allowed: 16 } as const;

const writer = new AnswerWriter();

/** The answer of GetProfile in bytes, those of its generated encoder. */
export function wholeProfileBytes(answer: GetProfileResponse): Uint8Array {
  writer.begin();
  writer.textIfAny(PROFILE.profileId, answer.profileId);
  for (const value of answer.features) writer.named(PROFILE.features, value);
  for (const value of answer.traits) writer.named(PROFILE.traits, value);
  for (const segment of answer.segments) writer.text(PROFILE.segments, segment);
  for (const [purpose, allowed] of Object.entries(answer.consent)) {
    const from = writer.open(PROFILE.consent);
    writer.textIfAny(CONSENT.purpose, purpose);
    writer.wholeIfAny(CONSENT.allowed, allowed ? 1n : 0n);
    writer.close(from);
  }
  writer.position(PROFILE.position, answer.position);
  writer.wholeIfAny(PROFILE.nowMs, answer.nowMs);
  writer.wholeIfAny(PROFILE.events, answer.events);
  for (const profileId of answer.mergedProfileIds) writer.text(PROFILE.merged, profileId);
  writer.textIfAny(PROFILE.leaf, answer.leaf);
  return writer.done();
}
