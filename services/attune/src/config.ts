import { durationMs } from '@attune/configuration/durations';
import { AttuneError } from '@attune/kernel/errors';
import { nearest } from '@attune/kernel/nearest';
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

/** An address that a path can follow: neither query nor fragment, nobody's password, no slash at its end. */
const publicUrl = z
  .url({ protocol: /^https?$/, hostname: /./ })
  .transform((text) => new URL(text))
  .refine(({ search, hash, username, password }) => `${search}${hash}${username}${password}` === '', 'has more than a host and a path')
  .transform(({ href }) => href.replace(/\/+$/, ''));

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
  ATTUNE_PUBLIC_URL: publicUrl
    .optional()
    .describe(
      'Where customers reach /unsubscribe/ of this process, such as https://shop.example/attune: links in mails begin with it. Absent = mails that leave have no link, and those of the outbox lead to this process.',
    ),
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
    .describe('Partitions of every topic of services that run apart; it stays what it was at the first start.'),
  ATTUNE_NAMESPACE: z
    .string()
    .regex(/^[A-Za-z0-9-]{0,40}$/, 'not at most 40 letters, digits and -')
    .default('')
    .describe(
      'What the names of topics, groups and states begin with, for several installations on one Kafka and Redis. Another one is another log and another store.',
    ),
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
  ATTUNE_SNAPSHOTS_DIR: z
    .string()
    .min(1)
    .optional()
    .describe('Folder of the snapshots that an empty store is filled from; services that run apart share it. Absent = snapshots in ATTUNE_DATA_DIR.'),
  ATTUNE_SNAPSHOT_EVERY: z
    .string()
    .regex(/^[1-9]\d{0,3}[mhd]$/, 'not a time such as 30m, 6h or 1d')
    .transform((text) => durationMs(text) ?? 0)
    .optional()
    .describe(
      'How often the one process takes a snapshot of its store, such as 6h; absent = never by itself. Services that run apart never do: call attune snapshot.',
    ),
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
    throw new AttuneError('SETTING_UNKNOWN', `${name} is unknown; ${nearestTo(name)}.`);
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

function nearestTo(name: string): string {
  const near = nearest(name, Object.keys(settings));
  return near === undefined ? 'docs/configuration.md lists those that are known' : `the nearest known name is ${near}`;
}
