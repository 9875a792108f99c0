/** What an attribute may tell of: `none`, nobody; `pseudonym`, a place in the log, which says something only to who may read the log. */
export type AttributePrivacy = 'none' | 'pseudonym';

/** Every attribute that a span may have. */
export const attributes = {
  'attune.method': { help: 'Package, service and method of a call, or the path of a tracking call.', privacy: 'none' },
  'attune.processor': { help: 'The processor that folded it.', privacy: 'none' },
  'attune.place': { help: 'Topic, partition and offset of the record that was its cause.', privacy: 'pseudonym' },
  'attune.channel': { help: 'The way to reach people.', privacy: 'none' },
  'attune.code': { help: 'The code of docs/errors.md that it ended with; absent where all was well.', privacy: 'none' },
} as const satisfies Readonly<Record<string, { readonly help: string; readonly privacy: AttributePrivacy }>>;

/** The name of an attribute. */
export type AttributeName = keyof typeof attributes;

/** Every span, in the order in which an event meets them. */
export const spans = {
  'door publish': { kind: 'server', help: 'A tracking call, from its body to the verdicts.' },
  'door take': { kind: 'consumer', help: 'A record of attune.events.v1, from its bytes to the verdict.' },
  'record fold': {
    kind: 'consumer',
    help: 'A record that a processor folds, until the commit stands. Its id comes from its place, so that what is published again names the same span.',
  },
  'delivery try': {
    kind: 'consumer',
    help: 'A decision that is admitted, rendered, claimed and handed over, once all that stands before it in the log is known.',
  },
  'channel send': { kind: 'client', help: 'A message on its way to a provider.' },
  'rpc serve': { kind: 'server', help: 'A call served.' },
  'rpc call': { kind: 'client', help: 'A call of another service.' },
} as const satisfies Readonly<Record<string, { readonly kind: SpanKindName; readonly help: string }>>;

/** The role of a span in its trace, as OpenTelemetry names it. */
export type SpanKindName = 'server' | 'client' | 'producer' | 'consumer';

/** The name of a span. */
export type SpanName = keyof typeof spans;

/** The header of a record, a request or a call that carries a trace: W3C Trace Context. */
export const TRACEPARENT = 'traceparent';

/** The trace that a record carries, as headers of what it causes. */
export const carried = ({ [TRACEPARENT]: traceparent }: Readonly<Record<string, string>>): { readonly [TRACEPARENT]?: string } =>
  traceparent === undefined ? {} : { [TRACEPARENT]: traceparent };
