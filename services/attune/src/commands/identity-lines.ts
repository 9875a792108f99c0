import type { IdentityServiceService } from '@attune/contracts/grpc/identity/v1/identity';
import {
  HistoryResponse,
  IdentifierChangeKind,
  IdentifierState,
  QuarantinedIdentifier,
  QuarantineReason,
} from '@attune/contracts/messages/identity/v1/identity';
import type { RpcCalls } from '@attune/grpc/client';
import { columns } from './columns.ts';
import { timeOf } from './list-rejects.ts';

interface As {
  readonly json: boolean;
}

const STATES: Readonly<Partial<Record<IdentifierState, string>>> = {
  [IdentifierState.IDENTIFIER_STATE_OWN]: 'has a profile of its own',
  [IdentifierState.IDENTIFIER_STATE_JOINED]: 'leads to the profile of a customer',
  [IdentifierState.IDENTIFIER_STATE_QUARANTINED]: 'is quarantined: it joins nobody',
};

const KINDS: Readonly<Partial<Record<IdentifierChangeKind, string>>> = {
  [IdentifierChangeKind.IDENTIFIER_CHANGE_KIND_OPENED]: 'joined',
  [IdentifierChangeKind.IDENTIFIER_CHANGE_KIND_MERGED]: 'merged',
  [IdentifierChangeKind.IDENTIFIER_CHANGE_KIND_HANDED_ON]: 'handed on',
  [IdentifierChangeKind.IDENTIFIER_CHANGE_KIND_QUARANTINED]: 'quarantined',
  [IdentifierChangeKind.IDENTIFIER_CHANGE_KIND_ALLOWED]: 'allowed',
};

/** The lines of `attune identity history`. */
export function historyLines(answer: HistoryResponse, { json }: As): readonly string[] {
  if (json) return [JSON.stringify(HistoryResponse.toJSON(answer))];
  const { leaf, profileId, state, changes, joined } = answer;
  const head = `${leaf} ${STATES[state] ?? ''}: ${profileId === '' ? 'nobody' : profileId}`;
  const rows = changes.map((one) => [
    timeOf(one.atMs),
    KINDS[one.kind] ?? '?',
    one.fromProfileId || '-',
    one.toProfileId,
    one.byLeaf || '-',
    one.record || '-',
  ]);
  const told = rows.length === 0 ? ['nothing became of it'] : columns(['AT', 'WHAT', 'FROM', 'TO', 'BY', 'RECORD'], rows);
  const devices = joined.map((one) => [timeOf(one.atMs), one.leaf || '(not kept)']);
  return [head, '', ...told, ...(devices.length === 0 ? [] : ['', ...columns(['JOINED AT', 'IDENTIFIER'], devices)])];
}

/** The lines of `attune identity quarantine`, newest first. */
export function quarantineLines(found: readonly QuarantinedIdentifier[], { json }: As): readonly string[] {
  if (json) return found.map((one) => JSON.stringify(QuarantinedIdentifier.toJSON(one)));
  if (found.length === 0) return ['nothing is quarantined'];
  const why = (reason: QuarantineReason): string => (reason === QuarantineReason.QUARANTINE_REASON_DEVICES ? 'too many devices' : 'too many customers');
  const rows = found.map(({ leaf, sinceMs, reason }) => [leaf, timeOf(sinceMs), why(reason)]);
  return [
    ...columns(['IDENTIFIER', 'SINCE', 'WHY'], rows),
    '',
    'Next: attune identity history --leaf <identifier>, and attune identity allow --leaf <identifier> once the cause is mended.',
  ];
}

/** All that is quarantined, page after page. */
export async function quarantined(calls: Pick<RpcCalls<typeof IdentityServiceService>, 'listQuarantined'>): Promise<readonly QuarantinedIdentifier[]> {
  const found: QuarantinedIdentifier[] = [];
  let pageToken = '';
  do {
    const page = await calls.listQuarantined({ pageSize: 1_000, pageToken });
    found.push(...page.quarantined);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return found;
}
