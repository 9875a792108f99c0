import { InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import { openTelemetryTraces } from './open-telemetry-traces.ts';
import type { Traces } from './port.ts';

/** A span that has ended. */
export interface KeptSpan {
  readonly name: string;
  readonly traceparent: string;
  /** Id of the span that it continues; undefined for the first of a trace. */
  readonly parent: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The traces of the spans that it links to. */
  readonly links: readonly string[];
}

/** Traces all that begins, and keeps what ended. Test only. */
export function keptSpans(share = 1): { readonly traces: Traces; spans(): readonly KeptSpan[] } {
  const exporter = new InMemorySpanExporter();
  const traces = openTelemetryTraces({ exporter, service: 'test', share, atOnce: true, chance: () => 0.5 });
  const spans = (): readonly KeptSpan[] =>
    exporter.getFinishedSpans().map((span) => {
      const { traceId, spanId } = span.spanContext();
      const links = span.links.map(({ context }) => context.traceId);
      return { name: span.name, traceparent: `00-${traceId}-${spanId}-01`, parent: span.parentSpanContext?.spanId, attributes: span.attributes, links };
    });
  return { traces, spans };
}
