import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A span as a process exported it. */
export interface ExportedSpan {
  /** Name of the process. */
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Absent where the trace begins. */
  readonly parentSpanId?: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** A collector on loopback. */
export interface TraceCollector {
  /** Base address, as OTEL_EXPORTER_OTLP_ENDPOINT takes it. */
  readonly endpoint: string;
  /** All that was exported so far. */
  readonly spans: readonly ExportedSpan[];
  /** All that was received, as it came. */
  readonly bodies: readonly string[];
  close(): Promise<void>;
}

/** Takes traces as OTLP over HTTP (JSON), and answers 400 to what it cannot read. */
export async function openTraceCollector(): Promise<TraceCollector> {
  const spans: ExportedSpan[] = [];
  const bodies: string[] = [];
  const server = createServer(async (request, answer) => {
    const body = await text(request);
    bodies.push(body);
    try {
      if (request.url !== '/v1/traces') throw new Error('not an address of OTLP');
      spans.push(...spansIn(JSON.parse(body) as Exported));
      answer.setHeader('content-type', 'application/json').end('{}');
    } catch {
      answer.writeHead(400).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
  };
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, bodies, close };
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number };
}

interface Exported {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<ExportedSpan, 'service' | 'attributes'> & { readonly attributes?: readonly Attribute[] })[];
    }[];
  }[];
}

const spansIn = ({ resourceSpans }: Exported): readonly ExportedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const { 'service.name': service = '' } = byKey(resource.attributes);
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, service, attributes: byKey(span.attributes ?? []) })));
  });

const byKey = (attributes: readonly Attribute[]): Readonly<Record<string, string>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, String(value.stringValue ?? value.intValue ?? '')]));
