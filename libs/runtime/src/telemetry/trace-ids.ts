/** The ids of a span, by the names that OpenTelemetry gives them in logs; empty where nothing is traced. */
export interface TraceIds {
  readonly trace_id?: string;
  readonly span_id?: string;
}

/** The ids that a W3C `traceparent` holds. */
export function traceIdsOf(traceparent: string | undefined): TraceIds {
  const [, trace_id, span_id] = traceparent?.split('-') ?? [];
  return trace_id === undefined || span_id === undefined ? {} : { trace_id, span_id };
}

const arisen = new WeakMap<object, string>();

/** Notes in which span a fault arose, for whoever logs it once the span has ended. The innermost one counts. */
export function noteTrace(fault: unknown, traceparent: string): void {
  if (typeof fault === 'object' && fault !== null && !arisen.has(fault)) arisen.set(fault, traceparent);
}

/** The ids of the span in which a fault arose. */
export const traceIdsOfFault = (fault: unknown): TraceIds => (typeof fault === 'object' && fault !== null ? traceIdsOf(arisen.get(fault)) : {});
