import { createRequire } from 'node:module';
import { type Produced, produceBody } from './produce-body.ts';

/** What kafkajs asks its Produce protocol for; `topicData` may hold more than our records have. */
export interface ProduceWanted extends Produced {
  readonly compression?: number | undefined;
  readonly transactionalId?: string | null | undefined;
  readonly producerId?: number | bigint | { readonly toString: () => string } | undefined;
}

/** A request as kafkajs puts it on a connection: `encode` answers something that its own encoder can take over. */
export interface ProduceRequest {
  readonly request: { readonly apiVersion: number; encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }> };
  readonly response: unknown;
}

/** The part of kafkajs that makes Produce requests. */
export interface ProduceProtocol {
  protocol(wanted: { readonly version: number }): (given: ProduceWanted) => ProduceRequest;
}

const OLDEST = 3;
const NEWEST = 7;
const mended = new WeakSet<ProduceProtocol>();

/**
 * Lets kafkajs write appends in one buffer. By itself kafkajs 2.2.4 makes a growing buffer for each header, record and batch, and copies each record through
 * seven of them: most of what an append costs. What our records never have (compression, ids of producers, times, lists of headers) it still writes itself.
 * A second call does nothing.
 */
export function writeAppendsAtOnce(): void {
  const requests = createRequire(import.meta.url)('kafkajs/src/protocol/requests/produce') as ProduceProtocol;
  if (mended.has(requests)) return;
  mended.add(requests);
  const own = requests.protocol;
  requests.protocol = (wanted) => {
    const make = own(wanted);
    if (wanted.version < OLDEST || wanted.version > NEWEST) return make;
    return (given) => {
      const made = make(given);
      return isPlain(given) ? { ...made, request: { ...made.request, encode: async () => encoded(produceBody(given, Date.now())) } } : made;
    };
  };
}

const encoded = (bytes: Buffer): { readonly buf: Buffer; readonly buffer: Buffer } => ({ buf: bytes, buffer: bytes });

function isPlain({ compression = 0, transactionalId, producerId = -1, topicData }: ProduceWanted): boolean {
  if (compression !== 0 || (transactionalId ?? null) !== null || String(producerId) !== '-1') return false;
  return topicData.every(({ partitions }) => partitions.every(({ messages }) => messages.every(isOurs)));
}

function isOurs({
  key,
  value,
  headers,
  ...more
}: {
  readonly key?: unknown;
  readonly value?: unknown;
  readonly headers?: unknown;
  readonly timestamp?: unknown;
}): boolean {
  if (typeof key !== 'string' || !(value === null || Buffer.isBuffer(value)) || more.timestamp !== undefined) return false;
  if (typeof headers !== 'object' || headers === null) return false;
  for (const name in headers) if (typeof (headers as Record<string, unknown>)[name] !== 'string') return false;
  return true;
}
