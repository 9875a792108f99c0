import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Cost, until } from './measure.ts';
import { quietKafka } from './servers.ts';

const FOLDER = fileURLToPath(new URL('../peers/kafka-streams', import.meta.url));
const THREADS = '2';
const WITHIN_MS = 180_000;

/** What the topology folds. */
export interface StreamsRun {
  readonly brokers: string;
  readonly topic: string;
  readonly records: number;
  /** So many are folded before it is measured. */
  readonly warm: number;
  /** Application id, and what stands in front of its topics. */
  readonly name: string;
}

/** Builds the peer where it is not built yet: about 30 MB of jars, a JDK of 17 or later and Maven. @throws Error with what Maven says */
export async function buildStreamsPeer(): Promise<void> {
  if (existsSync(join(FOLDER, 'target/lib'))) return;
  console.log('building bench/peers/kafka-streams with Maven …');
  await promisify(execFile)('mvn', ['-B', '-q', '-f', FOLDER, 'package']);
}

/** Kafka Streams over all records, in a JVM of its own; what it took from the record `warm` to the commit of the last one. */
export async function runStreams({ brokers, topic, records, warm, name }: StreamsRun): Promise<Cost> {
  const state = mkdtempSync(join(tmpdir(), 'attune-streams-'));
  const classes = ['target/kafka-streams-peer-1.jar', 'target/lib/*'].map((part) => join(FOLDER, part)).join(':');
  const java = spawn('java', ['-cp', classes, 'attune.peer.WindowedCounters', brokers, topic, name, state, THREADS, String(warm)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const gone = new Promise((resolve) => java.once('exit', resolve));
  try {
    await committed({ brokers, topic, group: name, records });
    java.stdin.write('cost\n');
    for await (const line of createInterface({ input: java.stdout })) return JSON.parse(line) as Cost;
    throw new Error('the topology ended before it was asked');
  } finally {
    java.stdin.end();
    await gone;
    rmSync(state, { recursive: true });
  }
}

interface Committing {
  readonly brokers: string;
  readonly topic: string;
  readonly group: string;
  readonly records: number;
}

async function committed({ brokers, topic, group, records }: Committing): Promise<void> {
  const admin = quietKafka(brokers).admin();
  await admin.connect();
  const reached = async (): Promise<number> => {
    const [found] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
    return (found?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
  };
  await until(async () => ((await reached()) >= records ? true : undefined), { withinMs: WITHIN_MS, everyMs: 100, what: 'Kafka Streams' });
  await admin.disconnect();
}
