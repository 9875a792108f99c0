// Writes docs/telemetry.md from the tables of libs/runtime/src/telemetry. usage: npm run docs:telemetry
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Label, labels, type Metric, metrics } from '@attune/runtime/telemetry/metrics';
import { attributes, spans } from '@attune/runtime/telemetry/spans';

const head = `# Telemetry

Generated from \`libs/runtime/src/telemetry/metrics.ts\` and \`spans.ts\` by \`npm run docs:telemetry\`: edit the tables, not this page.

Every process answers \`GET /metrics\` in Prometheus' text format. No label and no attribute tells of a person: labels are closed lists, and a value that is on none is told as \`other\`.
Privacy: \`none\` tells of nobody; \`aggregate\` of how many people, never of whom; \`pseudonym\` is a place in the log, which says something only to who may read the log.

Counters begin at 0 with each process. What is counted of a fold is counted when its commit stands:
after a rebuild nothing is counted again that lies below the offset committed in the log, but for records folded, which counts each fold;
a commit whose reply was lost is not counted; after a store went back in time, what lies between its place and that offset is counted twice.
`;

const about = (name: string): string => {
  const label: Label = labels[name as keyof typeof labels];
  if (label.from === 'configured') return `${label.help} From the configuration.`;
  if (label.from === 'program') return `${label.help} From the program.`;
  const values = label.values ?? [];
  return values.length > VALUES_SHOWN ? label.help : `${label.help} One of ${values.map(quoted).join(', ')}.`;
};
const VALUES_SHOWN = 20;
const quoted = (text: string): string => `\`${text}\``;
const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** The page: metrics, labels, spans and attributes, each in the order of its table. */
export const telemetryPage = (): string =>
  [
    head,
    '## Metrics\n',
    row('metric', 'kind', 'unit', 'labels', 'privacy', 'what'),
    row('---', '---', '---', '---', '---', '---'),
    ...Object.entries<Metric>(metrics).map(([name, { kind, unit, labels: of, privacy, help }]) =>
      row(quoted(name), kind, quoted(unit), of.map(quoted).join(', '), privacy, help),
    ),
    '\n## Labels\n',
    row('label', 'what'),
    row('---', '---'),
    ...Object.keys(labels).map((name) => row(quoted(name), about(name))),
    '\n## Spans\n',
    'Traced where `OTEL_EXPORTER_OTLP_ENDPOINT` names a collector. The trace goes along as W3C `traceparent`: in requests, in the metadata of calls, and in the headers of records, from the door to the send. A trace that begins elsewhere is traced on where it is sampled; of those that begin here `ATTUNE_TRACE_SHARE` are kept. A process without a collector passes on what records carry. A trace ends where something waits for its time, so that none stays open for days: a message that waited begins one of its own, whose `delivery try` links to the trace of its decision (a span link); what else is due later begins without one.\n',
    row('span', 'kind', 'what'),
    row('---', '---', '---'),
    ...Object.entries(spans).map(([name, { kind, help }]) => row(quoted(name), kind, help)),
    '\n## Attributes\n',
    row('attribute', 'privacy', 'what'),
    row('---', '---', '---'),
    ...Object.entries(attributes).map(([name, { privacy, help }]) => row(quoted(name), privacy, help)),
    '',
  ].join('\n');

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) writeFileSync('docs/telemetry.md', telemetryPage());
