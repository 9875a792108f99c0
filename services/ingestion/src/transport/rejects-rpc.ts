import {
  type GetRejectedRequest,
  type GetRejectedResponse,
  type ListRejectedRequest,
  type ListRejectedResponse,
  RejectedEntry,
  type ReplayRejectedRequest,
  type ReplayRejectedResponse,
} from '@attune/contracts/messages/ingestion/v1/ingestion';
import type { TenantId } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import type { ListRejected } from '../flows/list-rejected.ts';
import type { ReadRejected } from '../flows/read-rejected.ts';
import type { Rejected } from '../flows/rejected-entry.ts';
import type { ReplayRejected } from '../flows/replay-rejected.ts';
import { verdictOf } from './publish-rpc.ts';

/** The flows behind the calls about refused events. */
export interface RejectCalls {
  readonly list: ListRejected;
  readonly get: ReadRejected;
  readonly replay: ReplayRejected;
}

const PAGE_SIZE = 20;
const PAGE_SIZE_MAX = 100;

/** ListRejected as the contracts say it. */
export const listRpc =
  ({ list }: RejectCalls) =>
  async (tenant: TenantId, { pageSize, pageToken, code }: ListRejectedRequest): Promise<ListRejectedResponse> => {
    if (pageSize < 0 || pageSize > PAGE_SIZE_MAX) throw new AttuneError('REQUEST_INVALID', 'Field: page_size.');
    const { found, token } = await list(tenant, { max: pageSize || PAGE_SIZE, token: pageToken, code });
    return { rejected: found.map(entryOf), nextPageToken: token };
  };

/** GetRejected as the contracts say it. */
export const getRpc =
  ({ get }: RejectCalls) =>
  async (tenant: TenantId, { id }: GetRejectedRequest): Promise<GetRejectedResponse> => {
    const { original = '', ...rejected } = await get(tenant, id);
    return { rejected: entryOf(rejected), originalJson: original };
  };

/** ReplayRejected as the contracts say it. */
export const replayRpc =
  ({ replay }: RejectCalls) =>
  async (tenant: TenantId, { ids }: ReplayRejectedRequest): Promise<ReplayRejectedResponse> => {
    if (ids.length === 0 || ids.length > PAGE_SIZE_MAX) throw new AttuneError('REQUEST_INVALID', 'Field: ids.');
    const answers = await replay(tenant, ids);
    return { outcomes: answers.map((answer, i) => ({ id: ids[i] ?? '', verdict: verdictOf(answer) })) };
  };

const entryOf = ({ id, told: { code, field, reason, fix, receivedAtMs, original } }: Rejected): RejectedEntry =>
  RejectedEntry.fromPartial({ id, code, field, reason, fix, receivedAtMs, hasOriginal: original !== undefined });
