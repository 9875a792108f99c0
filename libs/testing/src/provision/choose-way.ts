import type { ProvisionSettings } from './config.ts';

/** How the servers of a test run come to be. */
export type Way = 'env' | 'containers' | 'local';

/** What this machine has, asked only when the answer decides. */
export interface Machine {
  /** True when a container engine answers. */
  engineAnswers(): Promise<boolean>;
  /** Debian packages that the local way needs and that are absent. */
  missingPackages(): Promise<readonly string[]>;
}

const ways: readonly Way[] = ['env', 'containers', 'local'];

/** Given endpoints first, then containers, then local processes. @throws Error that says what to install: tests are never skipped for want of a server. */
export async function chooseWay(settings: ProvisionSettings, machine: Machine): Promise<Way> {
  const way = settings.forced ?? (await preferred(settings, machine));
  if (!isWay(way)) throw new Error(`ATTUNE_TEST_PROVISION is ${way}; it takes ${ways.join(', ')}`);
  const lack = await lacking(way, settings, machine);
  if (lack !== undefined) throw new Error(`integration tests need Kafka and Redis: ${lack}`);
  return way;
}

const isWay = (word: string): word is Way => ways.some((way) => way === word);

async function preferred(settings: ProvisionSettings, machine: Machine): Promise<Way> {
  if (settings.brokers !== undefined || settings.redisUrl !== undefined) return 'env';
  return (await machine.engineAnswers()) ? 'containers' : 'local';
}

async function lacking(way: Way, { brokers, redisUrl }: ProvisionSettings, machine: Machine): Promise<string | undefined> {
  if (way === 'env') return brokers === undefined || redisUrl === undefined ? 'set both ATTUNE_KAFKA_BROKERS and ATTUNE_REDIS_URL' : undefined;
  if (way === 'containers') return (await machine.engineAnswers()) ? undefined : 'no container engine answers';
  const packages = await machine.missingPackages();
  if (packages.length === 0) return undefined;
  return `apt-get install -y --no-install-recommends ${packages.join(' ')} (or start a container engine, or set ATTUNE_KAFKA_BROKERS and ATTUNE_REDIS_URL)`;
}
