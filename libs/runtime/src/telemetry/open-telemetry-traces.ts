import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash, randomBytes } from 'node:crypto';
import { codeOf } from '@attune/kernel/errors';
import { ROOT_CONTEXT, type SpanContext, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, SimpleSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import type { OpenSpan, SpanOf, Traces } from './port.ts';
import { type SpanKindName, type SpanName, spans } from './spans.ts';
import { noteTrace } from './trace-ids.ts';

/** How a process traces. */
export interface TraceOptions {
  readonly exporter: SpanExporter;
  /** Name of the process, such as `attune` or `attune-scoring`. */
  readonly service: string;
  /** Of the traces that begin here, the share that is kept, in [0, 1]. What comes traced from elsewhere is traced on. */
  readonly share: number;
  /** Hands over each span when it ends, for tests. */
  readonly atOnce?: boolean;
  /** A number in [0, 1). */
  readonly chance: () => number;
}

/** Traces by OpenTelemetry; `close` hands over what has ended. The running span goes along with what awaits, by no global of the library. */
export function openTelemetryTraces({ exporter, service, share, atOnce = false, chance }: TraceOptions): Traces & { close(): Promise<void> } {
  const ids = new GivenIds();
  const processor = atOnce ? new SimpleSpanProcessor({ exporter }) : new BatchSpanProcessor({ exporter, exportTimeoutMillis: EXPORT_MS });
  const provider = new TracerProvider({ idGenerator: ids, spanProcessors: [processor], resource: resourceFromAttributes({ 'service.name': service }) });
  const tracer = provider.getTracer('attune');
  const running = new AsyncLocalStorage<string | undefined>();

  const open = (name: SpanName, { parent = running.getStore(), root = false, link, idFrom, attributes = {} }: SpanOf): OpenSpan | undefined => {
    const from = contextOf(parent);
    const linked = contextOf(link);
    if (from === undefined && !isSampled(linked) && !(root && chance() < share)) return undefined;
    if (from !== undefined && !isSampled(from)) return undefined;
    ids.next = idFrom === undefined ? undefined : createHash('sha256').update(idFrom).digest('hex').slice(0, SPAN_ID_DIGITS);
    const context = from === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, from);
    const links = linked === undefined ? [] : [{ context: linked }];
    const span = tracer.startSpan(name, { kind: KINDS[spans[name].kind], attributes, links }, context);
    const { traceId, spanId } = span.spanContext();
    return {
      traceparent: `00-${traceId}-${spanId}-01`,
      end: (code) => {
        if (code !== undefined) span.setAttribute('attune.code', code).setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      },
    };
  };
  const within: Traces['within'] = async (name, of, work) => {
    const span = open(name, of);
    if (span === undefined) return contextOf(of.parent) === undefined ? work() : running.run(of.parent, work);
    try {
      const answer = await running.run(span.traceparent, work);
      span.end();
      return answer;
    } catch (fault) {
      noteTrace(fault, span.traceparent);
      span.end(codeOf(fault));
      throw fault;
    }
  };
  const apart: Traces['apart'] = (work) => running.run(undefined, work);
  return { on: true, current: () => running.getStore(), apart, open, within, close: () => provider.shutdown() };
}

const isSampled = (context: SpanContext | undefined): boolean => context !== undefined && (context.traceFlags & TraceFlags.SAMPLED) !== 0;

const EXPORT_MS = 2_000;
const SPAN_ID_DIGITS = 16;
const KINDS: Readonly<Record<SpanKindName, SpanKind>> = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/** Ids of chance, but for the span whose id is given. */
class GivenIds {
  next: string | undefined;
  generateTraceId(): string {
    return randomBytes(16).toString('hex');
  }
  generateSpanId(): string {
    const id = this.next ?? randomBytes(8).toString('hex');
    this.next = undefined;
    return id;
  }
}

const W3C = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Undefined for what is no traceparent: it may be anything that a sender writes. */
function contextOf(traceparent: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = W3C.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}
