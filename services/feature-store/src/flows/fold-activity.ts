import { createHash } from 'node:crypto';
import { AcceptedEvent } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import type { ProcessorDefinition } from '@attune/processor/definition';
import { emptyProfile, foldProfile, type Profile } from '../domain/fold-profile.ts';
import type { ProfileCodec } from '../ports.ts';

const KINDS = ['', 'track', 'identify', 'page', 'screen', 'group', 'alias'];
const mint = (position: string): string => `p_${createHash('sha256').update(position).digest('base64url').slice(0, 16)}`;

/** The key of a customer's profile in the store. */
export const profileKey = (tenant: string, identifierHash: string): string => `${tenant}:profile:${identifierHash}`;

/** The live profile as a use of the processor, on the topic given. */
export const profileProcessor = (topic: string, codec: ProfileCodec): ProcessorDefinition<Profile> => ({
  name: 'profiles',
  topic,
  keyOf: (record) => profileKey(record.tenant, record.key),
  empty: emptyProfile,
  decode: codec.decode,
  encode: codec.encode,
  fold: (profile, record: LogRecord) => {
    const { record: content } = AcceptedEvent.decode(record.value);
    if (content?.$case === 'event') {
      const { name, type, timestampMs } = content.value;
      const position = `${record.topic}/${record.partition}/${record.offset}`;
      foldProfile(profile, { name: name === '' ? (KINDS[type] ?? 'event') : name, timestampMs: Number(timestampMs), position }, mint);
    }
    return { emissions: [] };
  },
});
