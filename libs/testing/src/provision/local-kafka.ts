import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { kafkaJars } from './kafka-jars.ts';
import { kafkaLogging, kafkaProperties } from './kafka-properties.ts';
import { type ServerProcess, startServer } from './server-process.ts';

export interface LocalKafka extends ServerProcess {
  /** `127.0.0.1:port` */
  readonly brokers: string;
}

export interface LocalKafkaOptions {
  /** Holds settings and data; made if absent, and the caller's to delete. A broker started on it again keeps its topics. */
  readonly dir: string;
}

/** Starts one Kafka broker on a free port of 127.0.0.1: about four seconds of processor time, so share it between tests that do not kill it. */
export async function startKafka({ dir }: LocalKafkaOptions): Promise<LocalKafka> {
  const [jars, port, controllerPort] = await Promise.all([kafkaJars(), freePort(), freePort(), mkdir(dir, { recursive: true })]);
  const properties = join(dir, 'server.properties');
  await writeFile(properties, kafkaProperties({ dir, port, controllerPort }));
  await writeFile(join(dir, 'log4j2.properties'), kafkaLogging);
  const java = [...quickStart, `-Dlog4j2.configurationFile=${dir}/log4j2.properties`, '-cp', `${jars}/*`];
  if (!existsSync(join(dir, 'data', 'meta.properties'))) {
    const clusterId = `A${randomBytes(16).toString('base64url').slice(1)}`; // one that begins with a dash is taken for an option
    await promisify(execFile)('java', [...java, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties]);
  }
  const server = await startServer({ file: 'java', args: [...java, 'kafka.Kafka', properties], readyLine: 'Kafka Server started', readyWithinMs: 120_000 });
  return Object.assign(server, { brokers: `127.0.0.1:${port}` });
}

/** The serial collector and the first compiler alone: half the processor time until ready. */
const quickStart = ['-Xms512m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData', '-Djava.awt.headless=true'];
