import { AttuneError } from '@attune/kernel/errors';
import { z } from 'zod';

const PORT_MAX = 65_535;
const PARTITIONS_MAX = 1_024;
const port = z
  .string()
  .regex(/^\d{1,5}$/, 'not a whole number')
  .transform(Number)
  .refine((number) => number <= PORT_MAX, `more than ${PORT_MAX}`);
/** One address and nothing beside it: it becomes a header of every mail. */
const mailAddress = z
  .string()
  .max(254, 'too long')
  .regex(/^[^\s\p{Cc}@<>,;"]+@[^\s\p{Cc}@<>,;"]+$/u, 'not a mail address');

const seconds = z.string().regex(/^[1-9]\d{0,2}s$/, 'not seconds such as 10s');
const inMs = (text: string): number => Number.parseInt(text, 10) * 1_000;

/** Every setting of the one-process start, with its default. The only place that knows the environment's names. */
const settings = {
  ATTUNE_DATA_DIR: z.string().min(1).default('./.attune').describe('Folder of the log, the store and the secrets.'),
  ATTUNE_HTTP_PORT: port.default(8080).describe('Port of HTTP on loopback; 0 = any free port, printed.'),
  ATTUNE_GRPC_PORT: port.default(50051).describe('Port of gRPC on loopback, for all services; 0 = any free port, printed.'),
  ATTUNE_GRPC_REFLECTION: z.enum(['on', 'off']).default('on').describe('Whether gRPC tells tools which services and messages there are.'),
  ATTUNE_CONFIG: z
    .string()
    .min(1)
    .optional()
    .describe('Path of attune.yaml, its messages in the folder messages beside it; absent = the example shop with its demo.'),
  ATTUNE_SMTP_URL: z
    .url({ protocol: /^smtps?$/, hostname: /./ })
    .optional()
    .describe('Mail server, such as smtp://localhost:2525; absent = mails stay in the outbox of the page.'),
  ATTUNE_MAIL_FROM: mailAddress.default('shop@example.com').describe('Address that mails come from.'),
  ATTUNE_HOST: z.string().min(1).default('127.0.0.1').describe('Address that the doors listen on; loopback unless something in front keeps strangers out.'),
  ATTUNE_KAFKA_BROKERS: z.string().min(1).optional().describe('Kafka bootstrap addresses, host:port joined by commas; for services that run apart.'),
  ATTUNE_REDIS_URL: z
    .url({ protocol: /^rediss?$/, hostname: /./ })
    .optional()
    .describe('Redis, such as redis://localhost:6379; for services that run apart.'),
  ATTUNE_PARTITIONS: z
    .string()
    .regex(/^\d{1,4}$/, 'not a whole number')
    .transform(Number)
    .refine((number) => number >= 1 && number <= PARTITIONS_MAX, `not between 1 and ${PARTITIONS_MAX}`)
    .default(64)
    .describe('Partitions of every topic of services that run apart; read at the first start only.'),
  ATTUNE_NAMESPACE: z
    .string()
    .regex(/^[A-Za-z0-9-]{0,40}$/, 'not at most 40 letters, digits and -')
    .default('')
    .describe('What the names of topics, groups and states begin with, for several installations on one Kafka and Redis; read at the first start only.'),
  ATTUNE_KAFKA_SESSION_TIMEOUT: seconds
    .default('6s')
    .transform(inMs)
    .describe(
      'How long a process that was killed keeps its partitions, such as 6s: so long nobody folds them. Less than the broker allows is refused by it; what is silent for longer, though alive, loses them.',
    ),
  ATTUNE_STOP_GRACE: seconds
    .default('10s')
    .transform(inMs)
    .describe('How long a service that runs apart may take to stop, such as 10s; after it the process ends with code 70.'),
  ATTUNE_SECRETS_DIR: z.string().min(1).optional().describe('Folder of the secrets that all processes share; absent = secrets in ATTUNE_DATA_DIR.'),
  ATTUNE_INGESTION_ADDR: z.string().min(1).default('127.0.0.1:50051').describe('Where ingestion answers gRPC.'),
  ATTUNE_FEATURES_ADDR: z.string().min(1).default('127.0.0.1:50052').describe('Where the feature store answers gRPC.'),
  ATTUNE_WEB_ORIGINS: z
    .string()
    .default('*')
    .transform((text) => text.split(',').map((origin) => origin.trim()))
    .refine((origins) => origins.every((origin) => origin === '*' || /^https?:\/\/[^\s/,]+$/.test(origin)), 'not * or origins such as https://shop.example')
    .describe('Web origins, joined by commas, whose pages may read what the event door answers; * = all. It never takes cookies.'),
  ATTUNE_TRACE_SHARE: z
    .string()
    .regex(/^(0(\.\d+)?|1(\.0+)?)$/, 'not a number between 0 and 1')
    .transform(Number)
    .optional()
    .describe('Of the traces that begin here, the share that is kept; absent = all in one process, 0.01 of a service that runs apart.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, hostname: /./ })
    .optional()
    .describe('Collector that takes traces as OTLP over HTTP, such as http://localhost:4318; absent = nothing is traced.'),
  ATTUNE_LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('warn').describe('What is logged, as JSON on standard error.'),
};
const schema = z.object(settings);

/** The parsed settings. */
export type Settings = z.infer<typeof schema>;

/** Names that Kubernetes injects for Services, and tests' own: not settings. */
const IGNORED = [/^ATTUNE_TEST_/, /_SERVICE_HOST$/, /_SERVICE_PORT(_.*)?$/, /_PORT_\d+_(TCP|UDP)(_.*)?$/];

/** Reads the settings from an environment. @throws AttuneError SETTING_UNKNOWN with the nearest known name, SETTING_INVALID */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('ATTUNE_') || name in settings || IGNORED.some((shape) => shape.test(name)) || /^(tcp|udp):\/\//.test(value ?? '')) continue;
    throw new AttuneError('SETTING_UNKNOWN', `${name} is unknown; the nearest known name is ${nearest(name)}.`);
  }
  const injected = (value: string | undefined): boolean => /^(tcp|udp):\/\//.test(value ?? '');
  const given = Object.fromEntries(Object.entries(environment).filter(([name, value]) => name in settings && !injected(value)));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = String(issue?.path[0]);
  throw new AttuneError('SETTING_INVALID', `${name}: ${issue?.message}. It is: ${meaningOf(name)}`);
}

const meaningOf = (name: string): string => Object.entries(settings).find(([known]) => known === name)?.[1].description ?? '';

const nearest = (name: string): string =>
  Object.keys(settings)
    .map((known) => ({ known, far: distance(name.toUpperCase(), known) }))
    .toSorted((a, b) => a.far - b.far)[0]?.known ?? '';

/** Levenshtein's edit distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, c] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, d] of [...b].entries()) next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (c === d ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}
