import type { Configuration } from '@attune/configuration/configuration';
import { openTelemetry, type ProcessTelemetry } from '@attune/runtime/telemetry/open-telemetry';
import type { Settings } from './config.ts';

/** Names of the configuration that may be labels. */
export const campaignsOf = ({ campaigns }: Configuration): readonly string[] => campaigns.map(({ name }) => name);

/** The telemetry that the settings ask for. `service`: the name of the process in traces; `traceShare`: where the settings name none. */
export const processTelemetry = (
  settings: Settings,
  configuration: Configuration,
  { service, traceShare }: { readonly service: string; readonly traceShare: number },
): Promise<ProcessTelemetry> =>
  openTelemetry({
    service,
    configured: campaignsOf(configuration),
    otlpEndpoint: settings.OTEL_EXPORTER_OTLP_ENDPOINT,
    traceShare: settings.ATTUNE_TRACE_SHARE ?? traceShare,
  });
