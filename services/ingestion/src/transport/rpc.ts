import { IngestionServiceService } from '@attune/contracts/grpc/ingestion/v1/ingestion';
import * as messages from '@attune/contracts/messages/ingestion/v1/ingestion';
import { type CredentialCheck, type Rpc, rpcTable } from '@attune/grpc/rpc';
import { AttuneError } from '@attune/kernel/errors';
import type { AcceptConsent } from '../flows/accept-consent.ts';
import type { AcceptErasure } from '../flows/accept-erasure.ts';
import type { AcceptFact, AcceptTraits } from '../flows/accept-fact.ts';
import type { PublishEvents } from '../flows/publish-events.ts';
import type { PublishItems } from '../flows/publish-items.ts';
import { type IdentityCalls, identityRpcs } from './identity-rpc.ts';
import { publishRpc } from './publish-rpc.ts';
import { getRpc, listRpc, type RejectCalls, replayRpc } from './rejects-rpc.ts';

/** The flows behind the calls. */
export interface IngestionCalls {
  readonly identity: IdentityCalls;
  readonly acceptConsent: AcceptConsent;
  readonly acceptFact: AcceptFact;
  readonly acceptErasure: AcceptErasure;
  readonly acceptTraits: AcceptTraits;
  readonly publish: PublishEvents;
  readonly publishItems: PublishItems;
  readonly rejects: RejectCalls;
  /** By the write key: holds for what applications call, on every door. */
  readonly tenantOf: CredentialCheck;
}

/** The calls of IdentityService and IngestionService. */
export const ingestionRpcs = ({
  identity,
  acceptConsent,
  acceptFact,
  acceptErasure,
  acceptTraits,
  publish,
  publishItems,
  rejects,
  tenantOf,
}: IngestionCalls): readonly Rpc[] => [
  ...identityRpcs(identity),
  ...rpcTable(IngestionServiceService, {
    publishEvents: { request: messages.PublishEventsRequest, response: messages.PublishEventsResponse, flow: publishRpc(publish), tenantOf },
    listRejected: { request: messages.ListRejectedRequest, response: messages.ListRejectedResponse, flow: listRpc(rejects), tenantOf },
    getRejected: { request: messages.GetRejectedRequest, response: messages.GetRejectedResponse, flow: getRpc(rejects), tenantOf },
    replayRejected: { request: messages.ReplayRejectedRequest, response: messages.ReplayRejectedResponse, flow: replayRpc(rejects), tenantOf },
    acceptConsent: {
      request: messages.AcceptConsentRequest,
      response: messages.AcceptConsentResponse,
      flow: async (tenant, given) => {
        const position = await acceptConsent(tenant, given);
        return messages.AcceptConsentResponse.fromPartial({ position: { ...position, offset: BigInt(position.offset) } });
      },
    },
    acceptFact: {
      request: messages.AcceptFactRequest,
      response: messages.AcceptFactResponse,
      flow: async (tenant, { leaf, profileId, fact }) => {
        if (fact === undefined) throw new AttuneError('REQUEST_INVALID', 'Field: fact. It is expected.');
        const position = await acceptFact(tenant, { leaf, profileId, fact });
        return messages.AcceptFactResponse.fromPartial({ position: { ...position, offset: BigInt(position.offset) } });
      },
    },
    acceptErasure: {
      request: messages.AcceptErasureRequest,
      response: messages.AcceptErasureResponse,
      flow: async (tenant, given) => {
        const position = await acceptErasure(tenant, given);
        return messages.AcceptErasureResponse.fromPartial({ position: { ...position, offset: BigInt(position.offset) } });
      },
    },
    acceptTraits: {
      request: messages.AcceptTraitsRequest,
      response: messages.AcceptTraitsResponse,
      flow: async (tenant, { traits = {}, ...given }) => {
        const position = await acceptTraits(tenant, { ...given, traits });
        return messages.AcceptTraitsResponse.fromPartial({ position: { ...position, offset: BigInt(position.offset) } });
      },
    },
    publishItems: {
      request: messages.PublishItemsRequest,
      response: messages.PublishItemsResponse,
      tenantOf,
      flow: async (tenant, { items }) => {
        const positions = await publishItems(tenant, items);
        return messages.PublishItemsResponse.fromPartial({ positions: positions.map((position) => ({ ...position, offset: BigInt(position.offset) })) });
      },
    },
  }),
];
