import type { LabelsOf, MetricName, NameOf } from './metrics.ts';
import type { AttributeName, SpanName } from './spans.ts';

/** One value of a gauge. */
export interface Reading<Name extends MetricName> {
  readonly labels: LabelsOf<Name>;
  readonly value: number;
}

/** Counts, measures and watches what the table names. Never throws, never waits. */
export interface Metrics {
  /** Adds to a counter; 1 where `by` is not given. */
  count<Name extends NameOf<'counter'>>(name: Name, labels: LabelsOf<Name>, by?: number): void;
  /** Notes a time in s. */
  measure<Name extends NameOf<'histogram'>>(name: Name, labels: LabelsOf<Name>, seconds: number): void;
  /** Reads a gauge whenever somebody asks for the metrics; what `read` throws counts as no reading. The answer ends it. */
  watch<Name extends NameOf<'gauge'>>(name: Name, read: () => Promise<readonly Reading<Name>[]> | readonly Reading<Name>[]): () => void;
}

/** What a span begins with. */
export interface SpanOf {
  /** The W3C `traceparent` that it continues; absent = the span that runs now. */
  readonly parent?: string | undefined;
  /** Begins a new trace where there is nothing to continue, for a share of all. */
  readonly root?: boolean;
  /** The W3C `traceparent` of the span that led here a while ago, when it had to wait: it is linked to. Where that was sampled, and there is nothing to continue, a new trace begins. */
  readonly link?: string | undefined;
  /** What makes its id, so that the same work done again has the same one; absent = chance. */
  readonly idFrom?: string;
  readonly attributes?: { readonly [Name in AttributeName]?: string | number };
}

/** A span that is open. */
export interface OpenSpan {
  /** For what it causes. */
  readonly traceparent: string;
  /** Ends it, with the code of the fault that ended it. */
  end(code?: string): void;
}

/** Traces the share of work that is traced. Never throws. */
export interface Traces {
  /** Whether there is anybody to trace for; where not, nothing needs to be made ready for it. */
  readonly on: boolean;
  /** The span that runs now as a W3C `traceparent`; undefined where nothing is traced. */
  current(): string | undefined;
  /** Opens a span; undefined where the work is not traced. */
  open(name: SpanName, of: SpanOf): OpenSpan | undefined;
  /** Does work that nothing of what runs now has caused, such as the handling of what a log holds. */
  apart<T>(work: () => T): T;
  /** Does work within a span, if it is traced; its fault ends the span with its code. A `parent` that is not sampled goes along as it is. */
  within<T>(name: SpanName, of: SpanOf, work: () => Promise<T>): Promise<T>;
}

/** What a process tells of itself. */
export interface Telemetry extends Metrics, Traces {}

/** Traces nothing. */
export const noTraces: Traces = { on: false, current: () => undefined, apart: (work) => work(), open: () => undefined, within: (_name, _of, work) => work() };

/** Tells nothing. */
export const silent: Telemetry = { ...noTraces, count: () => {}, measure: () => {}, watch: () => () => {} };
