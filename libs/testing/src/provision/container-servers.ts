import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers';
import type { ProvisionSettings } from './config.ts';
import { freePort } from './free-port.ts';
import { kafkaTestSettings } from './kafka-properties.ts';
import type { Servers } from './servers.ts';

/** True when a container engine answers; takes no image and starts nothing. */
export const engineAnswers = (): Promise<boolean> =>
  getContainerRuntimeClient().then(
    () => true,
    () => false,
  );

/** Kafka and Redis in containers, or none of them. Where the engine's clean-up container is switched off (TESTCONTAINERS_RYUK_DISABLED), `stop` alone ends them. */
export async function startContainerServers(settings: ProvisionSettings): Promise<Servers> {
  const started = await Promise.allSettled([startKafkaContainer(settings.kafkaImage), startRedisContainer(settings.redisImage)]);
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((one) => (one.status === 'fulfilled' ? one.value.container.stop() : undefined)));
  };
  const [kafka, redis] = started;
  if (kafka.status === 'fulfilled' && redis.status === 'fulfilled') {
    const { host, port } = redis.value;
    return { brokers: kafka.value.address, redisUrl: `redis://${host}:${port}`, stop };
  }
  await stop();
  const [fault] = started.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  throw fault;
}

async function startRedisContainer(image: string) {
  const container = await new GenericContainer(image).withExposedPorts(6379).start();
  return { container, host: container.getHost(), port: container.getMappedPort(6379) };
}

async function startKafkaContainer(image: string) {
  const { info } = await getContainerRuntimeClient();
  // A broker tells clients its own address, so the outer port must be known before it starts.
  const port = await freePort();
  const address = `${info.containerRuntime.host}:${port}`;
  const container = await new GenericContainer(image)
    .withExposedPorts({ container: 9092, host: port })
    .withEnvironment({ ...kafkaEnvironment(), KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://${address}` })
    .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
    .withStartupTimeout(120_000)
    .start();
  return { container, address };
}

const kafkaEnvironment = (): Record<string, string> => ({
  KAFKA_NODE_ID: '1',
  KAFKA_PROCESS_ROLES: 'broker,controller',
  KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
  KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
  KAFKA_LISTENERS: 'PLAINTEXT://:9092,CONTROLLER://:9093',
  KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  ...Object.fromEntries(Object.entries(kafkaTestSettings).map(([name, value]) => [`KAFKA_${name.replaceAll('.', '_').toUpperCase()}`, `${value}`])),
});
