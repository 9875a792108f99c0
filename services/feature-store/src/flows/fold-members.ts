import { ProfileChange, ProfileChangeKind } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import type { ProcessorDefinition } from '@attune/processor/definition';
import { type MemberChange, noteChange } from '../domain/segment-members.ts';
import { bucketKey, bucketOf, countsKey, decodeMembers, encodeMembers, type MembersState } from './members-state.ts';
import { PROFILES } from './profile-changes.ts';

/** Who is in which segment, as a use of the processor: what is published of profiles in, members and counts kept. It announces nothing. */
export const membersProcessor = (): ProcessorDefinition<MembersState> => ({
  name: 'segments',
  topic: PROFILES,
  keyOf: ({ tenant, key }) => bucketKey(tenant, bucketOf(key)),
  companionKey: ({ tenant }) => countsKey(tenant),
  editsCompanion: isChange,
  empty: () => ({}),
  decode: decodeMembers,
  encode: encodeMembers,
  fold: (state, record, companion) => {
    const change = isChange(record) ? changeOf(ProfileChange.decode(record.value)) : undefined;
    if (change === undefined) return { emissions: [] };
    state.members ??= {};
    companion.ledger ??= { counts: {}, upTo: {} };
    noteChange(state.members, companion.ledger, change);
    return { emissions: [] };
  },
});

const isChange = ({ headers }: LogRecord): boolean => headers['type'] === 'attune.log.v1.ProfileChange';

const kinds: ReadonlyMap<ProfileChangeKind, MemberChange['kind']> = new Map([
  [ProfileChangeKind.PROFILE_CHANGE_KIND_ENTERED, 'entered'],
  [ProfileChangeKind.PROFILE_CHANGE_KIND_LEFT, 'left'],
  [ProfileChangeKind.PROFILE_CHANGE_KIND_MERGED, 'gone'],
  [ProfileChangeKind.PROFILE_CHANGE_KIND_ERASED, 'gone'],
]);

function changeOf({ id, kind, profileId, segment, atMs, position }: ProfileChange): MemberChange | undefined {
  const told = kinds.get(kind);
  if (told === undefined) return undefined;
  const place = Number(/(\d+)-(?:entered|left)-[^/]*$/.exec(id)?.[1] ?? 0);
  return { kind: told, profileId, segment, atMs: Number(atMs), partition: position?.partition ?? 0, offset: Number(position?.offset ?? 0n), n: place };
}
