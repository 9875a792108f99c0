import { systemRandom } from '../world.ts';
import { openTelemetryMetrics } from './open-telemetry-metrics.ts';
import { noTraces, type Telemetry, type Traces } from './port.ts';

/** What a process tells with. */
export interface TelemetryOptions {
  /** Names of the configuration that may be labels: campaigns. */
  readonly configured: readonly string[];
  /** Name of the process in traces. */
  readonly service: string;
  /** Base address of a collector that takes OTLP over HTTP; absent = nothing is traced. */
  readonly otlpEndpoint?: string | undefined;
  /** Of the traces that begin here, the share that is kept, in [0, 1]. */
  readonly traceShare: number;
}

/** The telemetry of a process. */
export interface ProcessTelemetry extends Telemetry {
  /** The metrics as they are now, in Prometheus' text format. */
  text(): Promise<string>;
  /** Hands over what is left, within 2 s for each batch. Never throws: a collector that is away must not keep a process from its end. */
  close(): Promise<void>;
}

/** Telemetry by OpenTelemetry, put together by hand. What traces is loaded only where there is somebody to trace for. */
export async function openTelemetry({ configured, service, otlpEndpoint, traceShare }: TelemetryOptions): Promise<ProcessTelemetry> {
  const traces = otlpEndpoint === undefined ? undefined : await tracesTo(otlpEndpoint, service, traceShare);
  return joined(configured, traces);
}

/** Metrics of their own with traces that are there already; none where there are none. */
export function joined(configured: readonly string[], traces?: Traces & { close(): Promise<void> }): ProcessTelemetry {
  const { close, ...metrics } = openTelemetryMetrics(new Set(configured));
  const { on, current, apart, open, within } = traces ?? noTraces;
  return { ...metrics, on, current, apart, open, within, close: async () => void (await Promise.allSettled([close(), traces?.close()])) };
}

const EXPORT_MS = 2_000;

async function tracesTo(endpoint: string, service: string, share: number) {
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const { openTelemetryTraces } = await import('./open-telemetry-traces.ts');
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces`, timeoutMillis: EXPORT_MS });
  return openTelemetryTraces({ exporter, service, share, chance: () => systemRandom.next() });
}
