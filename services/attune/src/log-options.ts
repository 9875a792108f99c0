import { type FaultFact, factOf } from '@attune/grpc/fault-answer';
import { errorTable } from '@attune/kernel/errors';
import type { Traces } from '@attune/runtime/telemetry/port';
import { traceIdsOf } from '@attune/runtime/telemetry/trace-ids';
import type { LoggerOptions } from 'pino';

/** What a process writes its log by. */
export interface LogSettings {
  readonly level: string;
  /** Name of the process, such as `attune-scoring`. */
  readonly service: string;
  readonly traces: Pick<Traces, 'current'>;
}

/**
 * One JSON object a line, with `level`, `time` (RFC 3339), `service` and `message`; with `code` where something went wrong, and `trace_id` and `span_id` where
 * it is traced. Whatever is logged of a fault is its code and where it arose, never its words: they may be a sender's.
 */
export const logOptions = ({ level, service, traces }: LogSettings) =>
  ({
    level,
    base: { service },
    messageKey: 'message',
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    mixin: () => traceIdsOf(traces.current()),
    serializers: { req: () => ({}), res: () => ({}), err: () => ({ type: '', message: '', stack: '' }) },
    hooks: {
      logMethod([first, words, ...more], method) {
        const fault = faultIn(first);
        if (fault === undefined) method.apply(this, [first, words, ...more]);
        else method.apply(this, [factOf(fault), typeof words === 'string' ? words : errorTable[factOf(fault).code].what]);
      },
    },
  }) satisfies LoggerOptions;

/** What libraries log of a fault is the fault itself, or an object that holds it. */
function faultIn(logged: unknown): unknown {
  if (logged instanceof Error) return logged;
  const { err } = (typeof logged === 'object' && logged !== null ? logged : {}) as { readonly err?: unknown };
  return err;
}

/** A fact of a fault, with what it means. */
export const told = (fact: Pick<FaultFact, 'code'>): string => errorTable[fact.code].what;
