import type { ServerUnaryCall, ServerWritableStream, sendUnaryData } from '@grpc/grpc-js';
import { type Server, status } from '@grpc/grpc-js';
import { service as definition } from 'grpc-health-check';

const LOOK_EVERY_MS = 1_000;
const WATCHERS_MAX = 100;

/** What health is told of. */
export interface HealthOptions {
  /** The services by their full names. */
  readonly services: readonly string[];
  /** Whether the process does its work; asked at each question. */
  readonly ready: () => boolean;
}

/** The health of a server. */
export interface Health {
  /** From now on nothing serves; who watches is told and let go. */
  end(): void;
}

interface Question {
  readonly service: string;
}
type Serving = 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';
interface Told {
  readonly status: Serving;
}

/** Serves `grpc.health.v1.Health` for each service, and for all of them under the empty name. */
export function healthOn(server: Server, { services, ready }: HealthOptions): Health {
  const known = new Set(['', ...services]);
  const watchers = new Set<() => void>();
  let ended = false;
  const now = (): Told => ({ status: !ended && ready() ? 'SERVING' : 'NOT_SERVING' });
  const check = ({ request }: ServerUnaryCall<Question, Told>, answer: sendUnaryData<Told>): void => {
    if (known.has(request.service)) answer(null, now());
    else answer({ code: status.NOT_FOUND, details: 'There is no such service.' });
  };
  const list = (_call: unknown, answer: sendUnaryData<{ readonly statuses: Readonly<Record<string, Told>> }>): void =>
    answer(null, { statuses: Object.fromEntries([...known].map((name) => [name, now()])) });
  const watch = (call: ServerWritableStream<Question, Told>): void => {
    if (watchers.size >= WATCHERS_MAX) {
      call.emit('error', { code: status.RESOURCE_EXHAUSTED, details: 'Too many watch.' });
      return;
    }
    let told: Serving | undefined;
    const tell = (): void => {
      const next = known.has(call.request.service) ? now().status : 'SERVICE_UNKNOWN';
      if (next !== told) call.write({ status: next });
      told = next;
    };
    const looking = setInterval(tell, LOOK_EVERY_MS).unref();
    const leave = (): void => {
      clearInterval(looking);
      watchers.delete(letGo);
    };
    const letGo = (): void => {
      tell();
      leave();
      call.end();
    };
    watchers.add(letGo);
    call.on('cancelled', leave);
    tell();
  };
  server.addService(definition, { check, list, watch });
  return {
    end: () => {
      ended = true;
      for (const letGo of watchers) letGo();
    },
  };
}
