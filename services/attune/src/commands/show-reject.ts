import { GetRejectedResponse } from '@attune/contracts/messages/ingestion/v1/ingestion';
import type { RejectCalls } from './ingestion-calls.ts';
import { timeOf } from './list-rejects.ts';

/** The lines of `attune rejects show`: why it was refused, and the event as it came. Personal data stand in it. @throws AttuneError REJECT_UNKNOWN, ERASED and others of the call */
export async function showReject({ get }: Pick<RejectCalls, 'get'>, { id, json }: { readonly id: string; readonly json: boolean }): Promise<readonly string[]> {
  const answer = await get({ id });
  if (json) return [visible(JSON.stringify(GetRejectedResponse.toJSON(answer)))];
  const { rejected, originalJson } = answer;
  return [
    `id:      ${rejected?.id ?? id}`,
    `refused: ${timeOf(rejected?.receivedAtMs ?? 0n)}`,
    `code:    ${rejected?.code ?? ''}`,
    `field:   ${rejected?.field || '-'}`,
    `reason:  ${rejected?.reason ?? ''}`,
    `fix:     ${rejected?.fix ?? ''}`,
    ...(rejected?.replayed ? ['since:   sent again, and accepted'] : []),
    originalJson === '' ? 'event:   not kept: it was larger than 32 KiB, or could not be read' : `event:   ${visible(indented(originalJson))}`,
  ];
}

const indented = (json: string): string => JSON.stringify(JSON.parse(json), null, 2);

/** What a sender wrote must not steer the terminal: JSON leaves some of what it obeys as it is. */
const visible = (json: string): string =>
  json.replaceAll(/[^\P{C}\n]|[\u2028\u2029]/gu, (sign) => [...new Array(sign.length).keys()].map((at) => escaped(sign.charCodeAt(at))).join(''));

const escaped = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`;
