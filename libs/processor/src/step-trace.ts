import type { LogRecord } from '@attune/event-log/port';
import type { OpenSpan, Traces } from '@attune/runtime/telemetry/port';
import { TRACEPARENT } from '@attune/runtime/telemetry/spans';
import type { Emission } from './definition.ts';

/** Opens the span of a record that is being folded; undefined where the record carries no trace. */
export type FoldTrace = (record: LogRecord) => OpenSpan | undefined;

/** A span that ends when the commit of its step stands; it is never told of when the step is given up. */
export interface FoldSpan {
  readonly span: OpenSpan;
  /** The code under which the record was set aside. */
  readonly code?: string;
}

/** How a processor traces its folds; undefined where there is nobody to trace for, so that a fold then costs nothing more. */
export function foldTrace(traces: Traces, processor: string): FoldTrace | undefined {
  if (!traces.on) return undefined;
  return ({ topic, partition, offset, headers }) => {
    const parent = headers[TRACEPARENT];
    if (parent === undefined) return undefined;
    const place = `${topic}/${partition}/${offset}`;
    return traces.open('record fold', { parent, idFrom: `${processor}/${place}`, attributes: { 'attune.processor': processor, 'attune.place': place } });
  };
}

/** The emission with the trace of its cause: the span of the fold where there is one, otherwise what the record carried. The fold itself knows nothing of it. */
export function causedBy(emission: Emission, { headers }: LogRecord, span: OpenSpan | undefined): Emission {
  const traceparent = span?.traceparent ?? headers[TRACEPARENT];
  return traceparent === undefined ? emission : { ...emission, headers: { ...emission.headers, [TRACEPARENT]: traceparent } };
}
