import type { NamedValue } from '@attune/contracts/messages/common/v1/common';
import { ValueStatus } from '@attune/contracts/messages/common/v1/common';
import { GetProfileRequest } from '@attune/contracts/messages/features/v1/features';
import { GetConsentRequest } from '@attune/contracts/messages/privacy/v1/privacy';
import type { TenantId } from '@attune/event-log/port';
import { codeOf } from '@attune/kernel/errors';
import type { Contact } from '../domain/rules/rule.ts';
import type { GetConsent, GetProfile } from '../ports.ts';

/** Whose contact, and what for. */
export interface ContactOf {
  readonly tenant: TenantId;
  readonly profileId: string;
  readonly purpose: string;
}

/** Where a customer can be reached, as far as the purpose may know. Nobody who is unknown or erased agreed to anything. @throws AttuneError STORE_UNAVAILABLE */
export async function readContact(getProfile: GetProfile, { tenant, profileId, purpose }: ContactOf): Promise<Contact> {
  const request = GetProfileRequest.fromPartial({ subject: { id: { $case: 'profileId', value: profileId } }, purpose });
  const profile = await getProfile(tenant, request).catch(unlessUnknown);
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

/** What the customer allows, by purpose; nothing where the customer is unknown or erased. @throws AttuneError STORE_UNAVAILABLE */
export async function readConsent(getConsent: GetConsent, { tenant, profileId }: Pick<ContactOf, 'tenant' | 'profileId'>): Promise<Contact['consent']> {
  const request = GetConsentRequest.fromPartial({ subject: { id: { $case: 'profileId', value: profileId } } });
  const found = await getConsent(tenant, request).catch(unlessUnknown);
  return found?.purposes ?? {};
}

function unlessUnknown(fault: unknown): undefined {
  if (codeOf(fault) !== 'SUBJECT_UNKNOWN' && codeOf(fault) !== 'ERASED') throw fault;
}

const textOf = (trait: NamedValue | undefined): string | undefined =>
  trait?.status === ValueStatus.VALUE_STATUS_PRESENT && trait.value?.kind?.$case === 'text' ? trait.value.kind.value : undefined;
