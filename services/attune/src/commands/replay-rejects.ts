import { ReplayOutcome } from '@attune/contracts/messages/ingestion/v1/ingestion';
import { AttuneError, codeOf } from '@attune/kernel/errors';
import { columns } from './columns.ts';
import type { RejectCalls } from './ingestion-calls.ts';
import { meaningsOf, pagesOf } from './list-rejects.ts';

/** What `attune rejects replay` was asked for: ids, or all of one code. */
export interface ReplayRejectsOptions {
  readonly ids: readonly string[];
  /** Empty where ids are given. */
  readonly code: string;
  readonly json: boolean;
  /** Hears how many of how many are through. */
  readonly progress: (done: number, total: number) => void;
}

/** What it prints, and the code it exits with: 1 where some were refused again. */
export interface ReplayReport {
  readonly exitCode: 0 | 1;
  readonly lines: readonly string[];
}

/** So many are sent in one call, so that progress is seen. */
const TOGETHER_MAX = 50;

/** Sends refused events through the door again, those of a code oldest first, as their customers did it. @throws AttuneError REQUEST_INVALID where it is not said which ones, and of the calls: what was accepted before counts once, whatever is sent again */
export async function replayRejects(calls: Pick<RejectCalls, 'list' | 'replay'>, { ids, code, json, progress }: ReplayRejectsOptions): Promise<ReplayReport> {
  if ((ids.length === 0) === (code === '')) throw new AttuneError('REQUEST_INVALID', 'Say which ones: ids of attune rejects list, or --code CODE, not both.');
  const wanted = code === '' ? ids : await idsOf(calls, code);
  const outcomes: ReplayOutcome[] = [];
  for (let at = 0; at < wanted.length; at += TOGETHER_MAX) {
    const some = await calls.replay({ ids: [...wanted.slice(at, at + TOGETHER_MAX)] }).catch((fault: unknown) => stopped(fault, at, wanted.length));
    outcomes.push(...some.outcomes);
    progress(outcomes.length, wanted.length);
  }
  const refused = outcomes.flatMap(({ id, verdict }) => (verdict?.verdict?.$case === 'rejected' ? [{ ...verdict.verdict.value, id }] : []));
  const exitCode = refused.length > 0 ? 1 : 0;
  if (json) return { exitCode, lines: outcomes.map((outcome) => JSON.stringify(ReplayOutcome.toJSON(outcome))) };
  const summary = `${outcomes.length - refused.length} accepted, ${refused.length} refused again${wanted.length === 0 ? `: none with ${code} is left to send` : ''}`;
  if (refused.length === 0) return { exitCode, lines: [summary] };
  const rows = refused.map((one) => [one.id, one.code, one.field || '-']);
  return { exitCode, lines: [...columns(['ID', 'CODE', 'FIELD'], rows), '', ...meaningsOf(refused), '', summary] };
}

/** Those of a code whose event was kept and not accepted since, oldest first. */
async function idsOf(calls: Pick<RejectCalls, 'list'>, code: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { rejected } of pagesOf(calls, code))
    ids.push(...rejected.flatMap(({ id, hasOriginal, replayed }) => (hasOriginal && !replayed ? [id] : [])));
  return ids.toReversed();
}

function stopped(fault: unknown, done: number, total: number): never {
  const told = fault instanceof AttuneError ? `${fault.detail} ` : '';
  throw new AttuneError(codeOf(fault), `${told}${done} of ${total} are through; the same command again goes over them once more, and they count once.`, fault);
}
