import { factOf } from '@attune/grpc/fault-answer';
import { AttuneError, codeOf, errorTable } from '@attune/kernel/errors';

/** One line of the log as `logOptions` has it, for what is said before there is a log and after it. */
export const logLine = (service: string, level: 'info' | 'fatal', message: string, fact: object = {}): string =>
  JSON.stringify({ level, time: new Date().toISOString(), service, ...fact, message });

/** The line of what ended a process. A fault of the table may say its own words, which are ours; what is not in it says its place alone. */
export function lastLine(service: string, fault: unknown): string {
  const { what, fix } = errorTable[codeOf(fault)];
  return logLine(service, 'fatal', fault instanceof AttuneError ? fault.message : what, { ...factOf(fault), fix });
}
