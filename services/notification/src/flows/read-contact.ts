import type { NamedValue } from '@attune/contracts/messages/common/v1/common';
import { ValueStatus } from '@attune/contracts/messages/common/v1/common';
import { GetProfileRequest } from '@attune/contracts/messages/features/v1/features';
import type { TenantId } from '@attune/event-log/port';
import { codeOf } from '@attune/kernel/errors';
import type { Contact } from '../domain/rules/rule.ts';
import type { GetProfile } from '../ports.ts';

/** Whose contact, and what for. */
export interface ContactOf {
  readonly tenant: TenantId;
  readonly profileId: string;
  readonly purpose: string;
}

/** Where a customer can be reached, as far as the purpose may know. Nobody who is unknown or erased agreed to anything. @throws AttuneError STORE_UNAVAILABLE */
export async function readContact(getProfile: GetProfile, { tenant, profileId, purpose }: ContactOf): Promise<Contact> {
  const request = GetProfileRequest.fromPartial({ subject: { id: { $case: 'profileId', value: profileId } }, purpose });
  const profile = await getProfile(tenant, request).catch((fault: unknown) => {
    if (codeOf(fault) === 'SUBJECT_UNKNOWN' || codeOf(fault) === 'ERASED') return undefined;
    throw fault;
  });
  if (profile === undefined) return { consent: {} };
  const text = (name: string): string | undefined => textOf(profile.traits.find((trait) => trait.name === name || trait.name === `traits.${name}`));
  const [email, name, language, timeZone] = [text('email'), text('name'), text('language'), text('time_zone')];
  return {
    consent: profile.consent,
    leaf: profile.leaf,
    merged: profile.mergedProfileIds,
    ...(email !== undefined && { email }),
    ...(name !== undefined && { name }),
    ...(language !== undefined && { language }),
    ...(timeZone !== undefined && { timeZone }),
  };
}

const textOf = (trait: NamedValue | undefined): string | undefined =>
  trait?.status === ValueStatus.VALUE_STATUS_PRESENT && trait.value?.kind?.$case === 'text' ? trait.value.kind.value : undefined;
