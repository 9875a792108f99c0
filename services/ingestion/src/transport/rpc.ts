import { IdentityServiceService } from '@attune/contracts/grpc/identity/v1/identity';
import { IngestionServiceService } from '@attune/contracts/grpc/ingestion/v1/ingestion';
import { ResolveRequest, ResolveResponse } from '@attune/contracts/messages/identity/v1/identity';
import { AcceptConsentRequest, AcceptConsentResponse, PublishEventsRequest, PublishEventsResponse } from '@attune/contracts/messages/ingestion/v1/ingestion';
import { type CredentialCheck, type Rpc, rpcTable } from '@attune/grpc/rpc';
import type { AcceptConsent } from '../flows/accept-consent.ts';
import type { PublishEvents } from '../flows/publish-events.ts';
import type { ResolveSubject } from '../flows/resolve-subject.ts';
import { publishRpc } from './publish-rpc.ts';

/** The flows behind the calls. */
export interface IngestionCalls {
  readonly resolve: ResolveSubject;
  readonly acceptConsent: AcceptConsent;
  readonly publish: PublishEvents;
  /** By the write key: holds for what applications call, on every door. */
  readonly tenantOf: CredentialCheck;
}

/** The calls of IdentityService and IngestionService. */
export const ingestionRpcs = ({ resolve, acceptConsent, publish, tenantOf }: IngestionCalls): readonly Rpc[] => [
  ...rpcTable(IdentityServiceService, {
    resolve: { request: ResolveRequest, response: ResolveResponse, flow: (tenant, { subject }) => resolve(tenant, subject) },
  }),
  ...rpcTable(IngestionServiceService, {
    publishEvents: { request: PublishEventsRequest, response: PublishEventsResponse, flow: publishRpc(publish), tenantOf },
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
