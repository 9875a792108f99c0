import { AttuneError, codeOf, type ErrorCode, errorTable } from '@attune/kernel/errors';
import { type TraceIds, traceIdsOfFault } from '@attune/runtime/telemetry/trace-ids';

/** What a caller hears of a fault, over whichever door. */
export interface FaultAnswer {
  /** gRPC status code. */
  readonly code: number;
  readonly reason: ErrorCode;
  /** What happened, and its detail where there is one. */
  readonly message: string;
  readonly fix: string;
}

/** Who writes down what broke. */
export interface FaultLog {
  warn(fact: object, message: string): void;
  error(fact: object, message: string): void;
}

/** The answer to a fault, from the table. What is not in the table says nothing of itself. */
export function answerOf(fault: unknown): FaultAnswer {
  const reason = codeOf(fault);
  const { grpc, what, fix } = errorTable[reason];
  const detail = fault instanceof AttuneError && fault.detail !== '' ? ` ${fault.detail}` : '';
  return { code: grpc, reason, message: `${what}${detail}`, fix };
}

/** Logs a fault at the level of the table. What a sender does wrong leaves no word. */
export function logFault(log: FaultLog, fault: unknown): void {
  const { level, what } = errorTable[codeOf(fault)];
  if (level !== 'info') log[level](factOf(fault), what);
}

/** What a log may hold of a fault: its code, the span in which it arose and, where something broke inside, where it broke; never the words of the fault. */
export interface FaultFact extends TraceIds {
  readonly code: ErrorCode;
  readonly at?: readonly string[];
}

/** What a log may hold of this fault. */
export function factOf(fault: unknown): FaultFact {
  const code = codeOf(fault);
  return { code, ...traceIdsOfFault(fault), ...(code === 'INTERNAL' && { at: placesOf(fault) }) };
}

/** The stack of a fault, or of its cause, from behind the message: that one may hold what a sender wrote, over several lines. */
function placesOf(fault: unknown): readonly string[] {
  const origin = fault instanceof AttuneError && fault.cause instanceof Error ? fault.cause : fault;
  if (!(origin instanceof Error) || origin.stack === undefined) return [];
  const begins = origin.stack.indexOf(origin.message);
  const behind = begins < 0 ? '' : origin.stack.slice(begins + origin.message.length);
  return behind.split('\n').flatMap((line) => /^ +at (.+)$/.exec(line)?.[1] ?? []);
}
