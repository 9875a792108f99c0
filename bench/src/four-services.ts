import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freePort } from '@attune/testing/provision/free-port';
import { type Child, startChild } from './child.ts';
import { until } from './measure.ts';
import { cleanUp, type ServersAt } from './servers.ts';

/** The services in the order in which one feeds the next. */
export const NAMES = ['ingestion', 'feature-store', 'scoring', 'notification'] as const;
export type Name = (typeof NAMES)[number];

const ROOT = join(import.meta.dirname, '../..');
/** Of each topic. */
export const PARTITIONS = 4;
const SETTLED_WITHIN_MS = 60_000;
const AUTHORIZATION = `Basic ${Buffer.from('demo:').toString('base64')}`;

/** The four services as their operator starts them, each a process, with the example shop. */
export interface FourServices {
  readonly services: Readonly<Record<Name, Child>>;
  /** Host and port of each one's gRPC. */
  readonly grpc: Readonly<Record<Name, string>>;
  /** What the names of topics begin with. */
  readonly namespace: string;
  /** Posts JSON to ingestion's HTTP and answers what it said. @throws Error unless it answers with success */
  post(path: string, body: object): Promise<string>;
  /** Resolves once nothing waits in any of them. */
  settled(): Promise<void>;
  /** Kills them and takes away what they left. */
  end(): Promise<void>;
}

/** Starts all four at once over these servers; mails go to `smtpUrl`, or stay in the outbox. */
export async function startFourServices(servers: ServersAt, smtpUrl?: string): Promise<FourServices> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-bench-'));
  const namespace = `bench-${randomBytes(5).toString('hex')}`;
  const ports = new Map<Name, number>();
  for (const name of NAMES) ports.set(name, await freePort());
  const address = (name: Name): string => `127.0.0.1:${ports.get(name)}`;
  const shared = {
    ATTUNE_KAFKA_BROKERS: servers.brokers,
    ATTUNE_REDIS_URL: servers.redisUrl,
    ATTUNE_NAMESPACE: namespace,
    ATTUNE_PARTITIONS: String(PARTITIONS),
    ATTUNE_SECRETS_DIR: join(folder, 'secrets'),
    ATTUNE_CONFIG: join(ROOT, 'examples/gift-barn/attune.yaml'),
    ATTUNE_INGESTION_ADDR: address('ingestion'),
    ATTUNE_FEATURES_ADDR: address('feature-store'),
    ATTUNE_HTTP_PORT: '0',
    ...(smtpUrl !== undefined && { ATTUNE_SMTP_URL: smtpUrl }),
  };
  const start = (name: Name): Promise<Child> =>
    startChild({
      name,
      file: join(ROOT, 'services/attune/src/main.ts'),
      args: ['serve', name],
      env: { ...shared, ATTUNE_DATA_DIR: join(folder, name), ATTUNE_GRPC_PORT: String(ports.get(name)) },
      listens: /listening on ([^\s,]+)/,
    });
  const started = await Promise.all(NAMES.map(async (name) => [name, await start(name)] as const));
  const services = Object.fromEntries(started) as Record<Name, Child>;
  return {
    services,
    grpc: Object.fromEntries(NAMES.map((name) => [name, address(name)])) as Record<Name, string>,
    namespace,
    post: (path, body) => post(`${services.ingestion.listening[1]}${path}`, body),
    settled: async () => {
      for (const name of NAMES) await until(() => quiet(services[name]), { withinMs: SETTLED_WITHIN_MS, everyMs: 50, what: `${name} without lag` });
    },
    end: async () => {
      await Promise.all(started.map(([, child]) => child.end()));
      await cleanUp(servers, namespace);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const agent = new Agent({ keepAlive: true });

/** Through node:http: fetch takes half a millisecond more for itself. */
async function post(url: string, body: object): Promise<string> {
  const asked = request(url, { method: 'POST', agent, headers: { authorization: AUTHORIZATION } }).end(JSON.stringify(body));
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const said = await text(answer);
  if (answer.statusCode !== 200) throw new Error(`${url}: ${said}`);
  return said;
}

async function quiet({ listening }: Child): Promise<true | undefined> {
  const { lag } = (await (await fetch(`${listening[1]}/readyz`)).json()) as { readonly lag: number };
  return lag === 0 ? true : undefined;
}
