import type { TestProject } from 'vitest/node';
import { chooseWay, type Way } from './choose-way.ts';
import { type ProvisionSettings, readSettings } from './config.ts';
import { missingPackages, startLocalServers } from './local-servers.ts';
import type { Servers } from './servers.ts';

/** Gives the integration project its servers: decided once a run, and only when a test of that project runs. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const settings = readSettings();
  const way = await chooseWay(settings, { engineAnswers, missingPackages });
  const servers = await start(way, settings).catch((fault: unknown) => {
    if (way !== 'containers') throw fault;
    throw new Error(NO_CONTAINERS, { cause: fault });
  });
  console.log(`integration tests use Kafka at ${servers.brokers} and Redis at ${withoutPassword(servers.redisUrl)} (${way})`);
  project.provide('brokers', servers.brokers);
  project.provide('redisUrl', servers.redisUrl);
  return servers.stop;
}

const NO_CONTAINERS =
  'the container engine answers, but could not start Kafka and Redis (the cause is below): mend that, name other images in ATTUNE_TEST_KAFKA_IMAGE and ATTUNE_TEST_REDIS_IMAGE, or set ATTUNE_TEST_PROVISION=local';

// Imported late: the container library takes a second to load, which given endpoints need not pay.
const engineAnswers = async (): Promise<boolean> => (await import('./container-servers.ts')).engineAnswers();

async function start(way: Way, settings: ProvisionSettings): Promise<Servers> {
  const { brokers = '', redisUrl = '' } = settings;
  if (way === 'env') return { brokers, redisUrl, stop: async () => {} };
  if (way === 'local') return startLocalServers();
  return (await import('./container-servers.ts')).startContainerServers(settings);
}

const withoutPassword = (url: string): string => url.replace(/\/\/.*@/, '//');
