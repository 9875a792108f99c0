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
import { AttuneError, errorTable } from '@attune/kernel/errors';
import { nearest } from '@attune/kernel/nearest';
import type { ListedRejected, ListRejected } from '../flows/list-rejected.ts';
import type { ReadRejected } from '../flows/read-rejected.ts';
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
    if (pageSize < 0 || pageSize > PAGE_SIZE_MAX) throw new AttuneError('REQUEST_INVALID', `Field: page_size. 0 to ${PAGE_SIZE_MAX} is expected.`);
    checkCode(code);
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
    if (ids.length === 0 || ids.length > PAGE_SIZE_MAX) throw new AttuneError('REQUEST_INVALID', `Field: ids. 1 to ${PAGE_SIZE_MAX} are expected.`);
    const answers = await replay(tenant, ids);
    return { outcomes: answers.map((answer, i) => ({ id: ids[i] ?? '', verdict: verdictOf(answer) })) };
  };

/** A page without any would look as if nothing of that code had been refused. @throws AttuneError REQUEST_INVALID with the nearest known code */
function checkCode(code: string): void {
  if (code === '' || Object.hasOwn(errorTable, code)) return;
  const near = nearest(code, Object.keys(errorTable));
  throw new AttuneError(
    'REQUEST_INVALID',
    `Field: code. The code is unknown${near === undefined ? '; docs/errors.md lists them' : `; the nearest is ${near}`}.`,
  );
}

const entryOf = ({ id, replayed, told: { code, field, reason, fix, receivedAtMs, original } }: ListedRejected): RejectedEntry =>
  RejectedEntry.fromPartial({ id, code, field, reason, fix, receivedAtMs, hasOriginal: original !== undefined, replayed });
