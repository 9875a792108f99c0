import { sharedPurposes } from '@attune/configuration/shared-purposes';
import { ValueStatus } from '@attune/contracts/messages/common/v1/common';
import { type ListSegmentMembersRequest, ListSegmentMembersResponse } from '@attune/contracts/messages/features/v1/features';
import { AttuneError } from '@attune/kernel/errors';
import { consentOf } from '../domain/consent.ts';
import { ruleValues } from '../domain/read-profile.ts';
import { telling } from './get-profile.ts';
import type { SizePorts } from './list-segments.ts';
import { findCandidates, placeIn, tokenOf } from './member-pages.ts';
import { openFor } from './open-for.ts';
import { checkPurposes, ownRules, type ReadPorts, readAllStored, type StoredProfile } from './read-stored.ts';
import { segmentNamed } from './segment-named.ts';
import { valueReaders } from './value-readers.ts';

/** Names who is in a segment. */
export type ListSegmentMembers = (tenant: string, request: ListSegmentMembersRequest) => Promise<ListSegmentMembersResponse>;

/** What listing needs. */
export type MemberPorts = ReadPorts & Pick<SizePorts, 'membersIn'>;

const PAGE_DEFAULT = 100;
const PAGE_MAX = 500;

/**
 * The members, each read as `GetProfile` reads for the purpose, now: whoever does not allow the purpose is left out and counted, and who has left meanwhile is
 * left out. @throws AttuneError REQUEST_INVALID, also where the segment is not for the purpose, STORE_UNAVAILABLE, KEY_UNAVAILABLE
 */
export const listSegmentMembers =
  (ports: MemberPorts): ListSegmentMembers =>
  async (tenant, { segment, purpose, pageSize, pageToken }) => {
    checkUse(ports, segment, purpose);
    if (pageSize < 0 || pageSize > PAGE_MAX) throw new AttuneError('REQUEST_INVALID', `Field: page_size. It is ${PAGE_MAX} at most.`);
    const from = placeIn(pageToken, ports.partitions);
    const { found, next } = await findCandidates(ports, tenant, { segment, from, max: pageSize === 0 ? PAGE_DEFAULT : pageSize });
    const stored = await readAllStored(ports, tenant, found);
    const told = await Promise.all(found.map((profileId) => standingOf(ports, tenant, { profileId, stored: stored.get(profileId), segment, purpose })));
    return ListSegmentMembersResponse.fromPartial({
      members: found.flatMap((profileId, i) => (told[i] === 'member' ? [{ profileId }] : [])),
      withheld: told.filter((one) => one === 'withheld').length,
      nextPageToken: next === undefined ? '' : tokenOf(next),
    });
  };

/** A segment may be used only for what all its inputs may be used for. */
function checkUse(ports: MemberPorts, wanted: string, purpose: string): void {
  const rules = ownRules(ports);
  const { rule } = segmentNamed(rules, wanted);
  checkPurposes(rules, 'purpose', [purpose]);
  const purposes = sharedPurposes(ports.configuration(), rule.reads);
  if (!purposes.includes(purpose))
    throw new AttuneError('REQUEST_INVALID', `Field: purpose. ${wanted} may be used for ${purposes.length === 0 ? 'no purpose' : purposes.join(', ')}.`);
}

interface Candidate {
  readonly profileId: string;
  readonly stored: StoredProfile | undefined;
  readonly segment: string;
  readonly purpose: string;
}

/** Under the rules that the profile's position implies. A visitor who became a customer is not named beside the customer. */
async function standingOf(ports: MemberPorts, tenant: string, { profileId, stored, segment, purpose }: Candidate): Promise<'member' | 'withheld' | 'left'> {
  if (stored?.profile === undefined || stored.profileId !== profileId) return 'left';
  const { profile, rules, nowMs } = stored;
  const rule = rules.segments.find(({ name }) => name === segment)?.rule;
  if (rule === undefined) return 'left';
  if (consentOf(profile, rules)[purpose] !== true) return 'withheld';
  const all = valueReaders(rules);
  const readers = [...rule.reads.features, ...rule.reads.traits.map((name) => `traits.${name}`)].flatMap((name) => all.get(name) ?? []);
  await openFor(ports, tenant, stored, { readers, purpose });
  const tell = telling(stored, purpose);
  const told = readers.map((reader) => reader.read(profile, nowMs)).filter((reading) => tell(reading).status === ValueStatus.VALUE_STATUS_PRESENT);
  return rule.evaluate(ruleValues(told)).kind === 'holds' ? 'member' : 'left';
}
