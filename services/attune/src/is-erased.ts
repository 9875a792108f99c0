import type { GetErasureRequest, GetErasureResponse } from '@attune/contracts/messages/privacy/v1/privacy';
import { codeOf, type ErrorCode } from '@attune/kernel/errors';

/** Whether the person of a profile was erased. */
export type IsErased = (tenant: string, profileId: string) => Promise<boolean>;

/** Nobody who is unknown was erased; nor is anybody by a feature store of a version that erases nobody. */
const NOT_ERASED: readonly ErrorCode[] = ['SUBJECT_UNKNOWN', 'METHOD_UNKNOWN'];

/** Asks the live profile. */
export const isErasedBy =
  (getErasure: (tenant: string, request: GetErasureRequest) => Promise<GetErasureResponse>): IsErased =>
  async (tenant, profileId) => {
    try {
      return (await getErasure(tenant, { subject: { id: { $case: 'profileId', value: profileId } } })).erased;
    } catch (fault) {
      if (NOT_ERASED.includes(codeOf(fault))) return false;
      throw fault;
    }
  };
