import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoints } from '@attune/testing/provision/endpoints';
import { freePort } from '@attune/testing/provision/free-port';
import { NAMES, type Name, ServiceProcess } from './service-process.ts';

const EXAMPLE = join(import.meta.dirname, '../../../examples/gift-barn');
const AUTHORIZATION = `Basic ${Buffer.from('demo:').toString('base64')}`;
/** Partitions of each topic. */
export const PARTITIONS = 4;

/** What one installation is given. */
export interface Installation extends Endpoints {
  readonly namespace: string;
  readonly smtpUrl: string;
  /** Further settings of all processes. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Changes the example shop's configuration; it has no quiet hours already. */
  readonly shop?: (yaml: string) => string;
}

/** The four services over one Kafka and Redis, with the example shop without quiet hours, so that the outcome does not depend on the time of day. */
export class FourServices {
  readonly services: Readonly<Record<Name, ServiceProcess>>;
  /** Host and port of each one's gRPC. */
  readonly grpc: Readonly<Record<Name, string>>;
  /** Of their data, secrets and configuration. */
  readonly folder: string;
  readonly #env: (name: Name) => Record<string, string>;
  readonly #twins: ServiceProcess[] = [];

  private constructor(
    services: Readonly<Record<Name, ServiceProcess>>,
    grpc: Readonly<Record<Name, string>>,
    folder: string,
    env: (name: Name) => Record<string, string>,
  ) {
    this.services = services;
    this.grpc = grpc;
    this.folder = folder;
    this.#env = env;
  }

  /** Makes their folder; starts nothing. */
  static async in(installation: Installation): Promise<FourServices> {
    const folder = mkdtempSync(join(tmpdir(), 'attune-apart-'));
    const ports = new Map<Name, number>();
    for (const name of NAMES) ports.set(name, await freePort());
    const address = (name: Name): string => `127.0.0.1:${ports.get(name)}`;
    const env = (name: Name): Record<string, string> => ({
      NODE_COMPILE_CACHE: join(tmpdir(), 'attune-compiled'),
      ATTUNE_KAFKA_BROKERS: installation.brokers,
      ATTUNE_REDIS_URL: installation.redisUrl,
      ATTUNE_NAMESPACE: installation.namespace,
      ATTUNE_PARTITIONS: String(PARTITIONS),
      ATTUNE_DATA_DIR: join(folder, name),
      ATTUNE_SECRETS_DIR: join(folder, 'secrets'),
      ATTUNE_CONFIG: join(folder, 'shop/attune.yaml'),
      ATTUNE_SMTP_URL: installation.smtpUrl,
      ATTUNE_INGESTION_ADDR: address('ingestion'),
      ATTUNE_FEATURES_ADDR: address('feature-store'),
      ATTUNE_HTTP_PORT: '0',
      ATTUNE_GRPC_PORT: String(ports.get(name)),
      ...installation.settings,
    });
    shopIn(join(folder, 'shop'), installation.shop);
    const each = <T>(make: (name: Name) => T) => Object.fromEntries(NAMES.map((name) => [name, make(name)])) as Record<Name, T>;
    return new FourServices(
      each((name) => new ServiceProcess(name, env(name))),
      each(address),
      folder,
      env,
    );
  }

  /** All of them, those that feed others first. */
  get all(): readonly ServiceProcess[] {
    return NAMES.map((name) => this.services[name]);
  }

  /** Starts all at once, as an orchestrator does. @throws Error when one ends before it listens */
  async start(): Promise<void> {
    await Promise.all(this.all.map((service) => service.start()));
  }

  /** One more process of a service, on ports of its own; starts nothing. */
  twin(name: Name): ServiceProcess {
    const twin = new ServiceProcess(name, {
      ...this.#env(name),
      ATTUNE_DATA_DIR: join(this.folder, `${name}-twin-${this.#twins.length}`),
      ATTUNE_GRPC_PORT: '0',
    });
    this.#twins.push(twin);
    return twin;
  }

  /** Kills what runs and removes the folder. */
  async remove(): Promise<void> {
    await Promise.all([...this.all, ...this.#twins].map((service) => service.end('SIGKILL')));
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Posts JSON to one service. */
  post(name: Name, path: string, body: object): Promise<Response> {
    return fetch(`${this.services[name].address}${path}`, { method: 'POST', body: JSON.stringify(body), headers: { authorization: AUTHORIZATION } });
  }

  /** Sends a tracking call. @throws Error unless it is accepted */
  async track(path: 'identify' | 'track', body: object): Promise<void> {
    await answered(path, this.post('ingestion', `/v1/${path}`, body));
  }

  /** Calls an RPC as JSON. @throws Error unless it answers with success */
  async call<T>(name: Name, method: string, request: object): Promise<T> {
    return (await (await answered(method, this.post(name, `/attune.${method}`, request))).json()) as T;
  }
}

async function answered(what: string, asked: Promise<Response>): Promise<Response> {
  const answer = await asked;
  if (!answer.ok) throw new Error(`${what}: ${await answer.text()}`);
  return answer;
}

function shopIn(folder: string, change: NonNullable<Installation['shop']> = (yaml) => yaml): void {
  cpSync(EXAMPLE, folder, { recursive: true });
  const file = join(folder, 'attune.yaml');
  writeFileSync(file, change(readFileSync(file, 'utf8').replace(/\n {2}quiet_hours:.*\n/, '\n')));
}
