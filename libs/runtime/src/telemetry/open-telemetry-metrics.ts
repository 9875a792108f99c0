import type { Counter, Histogram, ObservableGauge } from '@opentelemetry/api';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { AggregationTemporality, InstrumentType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { closed, type Metric, type MetricName, metrics, SECONDS } from './metrics.ts';
import type { Metrics } from './port.ts';

/** The metrics of a process, with what they are now. */
export interface ToldMetrics extends Metrics {
  /** In Prometheus' text format. */
  text(): Promise<string>;
  close(): Promise<void>;
}

/** Metrics by OpenTelemetry. `configured`: the names of the configuration that may be labels. */
export function openTelemetryMetrics(configured: ReadonlySet<string>): ToldMetrics {
  const reader = new AskedReader();
  const provider = new MeterProvider({ readers: [reader] });
  const meter = provider.getMeter('attune');
  const instruments = new Map<string, Counter | Histogram | ObservableGauge>();
  for (const [name, metric] of Object.entries(metrics)) instruments.set(name, made(name, metric));
  // PrometheusSerializer(prefix, timestamps, resource labels, without target, without scope)
  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true);

  function made(name: string, { kind, unit, help: description }: Metric): Counter | Histogram | ObservableGauge {
    if (kind === 'counter') return meter.createCounter(name, { unit, description });
    if (kind === 'gauge') return meter.createObservableGauge(name, { unit, description });
    return meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: [...SECONDS] } });
  }
  const told = (name: MetricName, given: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(metrics[name].labels.map((label) => [label, closed(label, given[label] ?? '', configured)]));

  return {
    count: (name, labels, by = 1) => (instruments.get(name) as Counter).add(by, told(name, labels)),
    measure: (name, labels, seconds) => (instruments.get(name) as Histogram).record(seconds, told(name, labels)),
    watch: (name, read) => {
      const gauge = instruments.get(name) as ObservableGauge;
      const observe: Parameters<ObservableGauge['addCallback']>[0] = async (result) => {
        for (const { labels, value } of await read()) result.observe(value, told(name, labels));
      };
      gauge.addCallback(observe);
      return () => gauge.removeCallback(observe);
    },
    text: async () => `${serializer.serialize((await reader.collect({ timeoutMillis: COLLECT_MS })).resourceMetrics)}\n`,
    close: () => provider.shutdown(),
  };
}

const COLLECT_MS = 5_000;

/** Collects when asked and at no other time. */
class AskedReader extends MetricReader {
  constructor() {
    // A gauge that adds up would tell for ever what was read once: of a partition that has moved to another process, for one.
    const gauge = InstrumentType.OBSERVABLE_GAUGE;
    super({ aggregationTemporalitySelector: (type) => (type === gauge ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE) });
  }
  protected async onShutdown(): Promise<void> {}
  protected async onForceFlush(): Promise<void> {}
}
