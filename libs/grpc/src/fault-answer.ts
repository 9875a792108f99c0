import { AttuneError, codeOf, type ErrorCode, errorTable } from '@attune/kernel/errors';

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
  warn(fact: object): void;
  error(fact: object): void;
}

/** The answer to a fault, from the table. What is not in the table says nothing of itself. */
export function answerOf(fault: unknown): FaultAnswer {
  const reason = codeOf(fault);
  const { grpc, what, fix } = errorTable[reason];
  const detail = fault instanceof AttuneError && fault.detail !== '' ? ` ${fault.detail}` : '';
  return { code: grpc, reason, message: `${what}${detail}`, fix };
}

/** Logs a fault at the level of the table: its code and, where something broke inside, where it broke, without the words of the fault. What a sender does wrong leaves no word. */
export function logFault(log: FaultLog, fault: unknown): void {
  const code = codeOf(fault);
  const { level } = errorTable[code];
  if (level !== 'info') log[level](code === 'INTERNAL' ? { code, at: placesOf(fault) } : { code });
}

/** The stack of a fault, or of its cause, from behind the message: that one may hold what a sender wrote, over several lines. */
function placesOf(fault: unknown): readonly string[] {
  const origin = fault instanceof AttuneError && fault.cause instanceof Error ? fault.cause : fault;
  if (!(origin instanceof Error) || origin.stack === undefined) return [];
  const begins = origin.stack.indexOf(origin.message);
  const behind = begins < 0 ? '' : origin.stack.slice(begins + origin.message.length);
  return behind.split('\n').flatMap((line) => /^ +at (.+)$/.exec(line)?.[1] ?? []);
}
