import { IdentityServiceService } from '@attune/contracts/grpc/identity/v1/identity';
import { IngestionServiceService } from '@attune/contracts/grpc/ingestion/v1/ingestion';
import { ResolveRequest, ResolveResponse } from '@attune/contracts/messages/identity/v1/identity';
import { AcceptConsentRequest, AcceptConsentResponse } from '@attune/contracts/messages/ingestion/v1/ingestion';
import { type Rpc, rpcTable } from '@attune/grpc/rpc';
import type { AcceptConsent } from '../flows/accept-consent.ts';
import type { ResolveSubject } from '../flows/resolve-subject.ts';

/** The flows behind the calls. */
export interface IngestionCalls {
  readonly resolve: ResolveSubject;
  readonly acceptConsent: AcceptConsent;
}

/** The calls of IdentityService and IngestionService. */
export const ingestionRpcs = ({ resolve, acceptConsent }: IngestionCalls): readonly Rpc[] => [
  ...rpcTable(IdentityServiceService, {
    resolve: { request: ResolveRequest, response: ResolveResponse, flow: (tenant, { subject }) => resolve(tenant, subject) },
  }),
  ...rpcTable(IngestionServiceService, {
    acceptConsent: {
      request: AcceptConsentRequest,
      response: AcceptConsentResponse,
      flow: async (tenant, given) => {
        const position = await acceptConsent(tenant, given);
        return AcceptConsentResponse.fromPartial({ position: { ...position, offset: BigInt(position.offset) } });
      },
    },
  }),
];
