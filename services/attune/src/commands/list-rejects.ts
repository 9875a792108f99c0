import { RejectedEntry } from '@attune/contracts/messages/ingestion/v1/ingestion';
import { columns } from './columns.ts';
import type { RejectCalls } from './ingestion-calls.ts';

/** What `attune rejects list` was asked for. */
export interface ListRejectsOptions {
  /** Only those with this code; empty = all. */
  readonly code: string;
  /** At most so many. */
  readonly limit: number;
  /** A line of JSON each, instead of a table. */
  readonly json: boolean;
}

/** What a call may ask for at most. */
const PAGE_SIZE_MAX = 100;

/** The lines of `attune rejects list`: newest first. @throws AttuneError of the call */
export async function listRejects(calls: Pick<RejectCalls, 'list'>, { code, limit, json }: ListRejectsOptions): Promise<readonly string[]> {
  const found: RejectedEntry[] = [];
  let more = false;
  for await (const page of pagesOf(calls, code, limit)) {
    found.push(...page.rejected.slice(0, limit - found.length));
    more = page.nextPageToken !== '';
    if (found.length >= limit) break;
  }
  if (json) return found.map((entry) => JSON.stringify(RejectedEntry.toJSON(entry)));
  if (found.length === 0) return [`nothing was refused${code === '' ? '' : ` with ${code}`} in the last 72 hours`];
  const rows = found.map((one) => [one.id, timeOf(one.receivedAtMs), one.code, one.field || '-', stateOf(one)]);
  return [...columns(['ID', 'REFUSED AT', 'CODE', 'FIELD', 'EVENT'], rows), '', ...meaningsOf(found), '', footer(found.length, more)];
}

/** Every page of a list, until the caller has enough. */
export async function* pagesOf({ list }: Pick<RejectCalls, 'list'>, code: string, limit = Number.POSITIVE_INFINITY) {
  let pageToken = '';
  do {
    const page = await list({ pageSize: Math.min(limit, PAGE_SIZE_MAX), pageToken, code });
    yield page;
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
}

/** What each code means and what helps, a line each. */
export function meaningsOf(refused: readonly { readonly code: string; readonly reason: string; readonly fix: string }[]): readonly string[] {
  return [...new Set(refused.map(({ code, reason, fix }) => `${code}: ${reason} → ${fix}`))].toSorted();
}

const stateOf = ({ hasOriginal, replayed }: RejectedEntry): string => (replayed ? 'accepted since' : hasOriginal ? 'kept' : 'not kept');

/** As a person reads it, in UTC. */
export const timeOf = (ms: bigint): string => new Date(Number(ms)).toISOString().replace('T', ' ').replace('Z', ' UTC');

const footer = (shown: number, more: boolean): string =>
  `${shown} shown${more ? ', there are older ones: --limit shows more' : ''}. Next: attune rejects show <id>, and attune rejects replay <id> once the cause is mended.`;
