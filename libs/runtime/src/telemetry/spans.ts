/** What an attribute may tell of: `none`, nobody; `pseudonym`, a place in the log, which says something only to who may read the log. */
export type AttributePrivacy = 'none' | 'pseudonym';

/** Every attribute that a span may have. */
export const attributes = {
  'attune.method': { help: 'Package, service and method of a call, or the path of a tracking call.', privacy: 'none' },
  'attune.channel': { help: 'The way to reach people.', privacy: 'none' },
  'attune.code': { help: 'The code of docs/errors.md that it ended with; absent where all was well.', privacy: 'none' },
} as const satisfies Readonly<Record<string, { readonly help: string; readonly privacy: AttributePrivacy }>>;

/** The name of an attribute. */
export type AttributeName = keyof typeof attributes;

/** Every span, in the order in which an event meets them. */
export const spans = {
  'door publish': { kind: 'server', help: 'A tracking call, from its body to the verdicts.' },
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
