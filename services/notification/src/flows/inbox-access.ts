import { GetProfileRequest } from '@attune/contracts/messages/features/v1/features';
import { type OpenInboxRequest, OpenInboxResponse } from '@attune/contracts/messages/notification/v1/notification';
import { AttuneError } from '@attune/kernel/errors';
import type { Clock } from '@attune/runtime/world';
import type { GetProfile, InboxGrant, InboxGrants } from '../ports.ts';

/** Gives out tokens. */
export type OpenInbox = (tenant: string, request: OpenInboxRequest) => Promise<OpenInboxResponse>;

/** Whose inbox a token opens now. @throws AttuneError INBOX_TOKEN_INVALID */
export type InboxOf = (token: string) => InboxGrant;

/** What access to inboxes needs. */
export interface InboxAccessPorts {
  readonly grants: InboxGrants;
  readonly clock: Clock;
  readonly getProfile: GetProfile;
  /** A purpose that the configuration declares: profiles are read for one, though nothing of it is used here. */
  readonly purpose: () => string;
}

const GRANT_MS = 7 * 86_400_000;

/** A token for the profile of the subject, for seven days. @throws AttuneError REQUEST_INVALID, SUBJECT_UNKNOWN, ERASED, STORE_UNAVAILABLE */
export const openInbox =
  ({ grants, clock, getProfile, purpose }: InboxAccessPorts): OpenInbox =>
  async (tenant, { subject }) => {
    if (subject?.id === undefined || subject.id.value === '')
      throw new AttuneError('REQUEST_INVALID', 'Field: subject. Name it by user_id, anonymous_id or profile_id.');
    const { profileId } = await getProfile(tenant, GetProfileRequest.fromPartial({ subject, purpose: purpose() }));
    const expiresAtMs = clock.nowMs() + GRANT_MS;
    return OpenInboxResponse.fromPartial({ token: grants.tokenOf({ tenant, profileId, expiresAtMs }), expiresAtMs: BigInt(expiresAtMs) });
  };

/** Reads tokens by the clock. */
export const inboxOf =
  ({ grants, clock }: Pick<InboxAccessPorts, 'grants' | 'clock'>): InboxOf =>
  (token) => {
    const grant = grants.read(token);
    if (grant === undefined || grant.expiresAtMs <= clock.nowMs()) throw new AttuneError('INBOX_TOKEN_INVALID');
    return grant;
  };
