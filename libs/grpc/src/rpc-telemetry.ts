import { codeOf } from '@attune/kernel/errors';
import type { Telemetry } from '@attune/runtime/telemetry/port';
import { systemStopwatch } from '@attune/runtime/world';
import type { Rpc } from './rpc.ts';

/** A call as it came. */
export interface Came {
  readonly door: 'grpc' | 'json';
  /** The W3C `traceparent` that came with it. */
  readonly parent?: string | undefined;
}

/** Measures and traces one served call. A fault goes on as it is. */
export async function served<T>(telemetry: Telemetry, { path }: Pick<Rpc, 'path'>, { door, parent }: Came, work: () => Promise<T>): Promise<T> {
  const startedMs = systemStopwatch.elapsedMs();
  const method = path.slice(1);
  const measure = (code: string): void => telemetry.measure('attune_rpc_seconds', { door, method, code }, (systemStopwatch.elapsedMs() - startedMs) / 1e3);
  try {
    const answer = await telemetry.within('rpc serve', { parent, root: true, attributes: { 'attune.method': method } }, work);
    measure('OK');
    return answer;
  } catch (fault) {
    measure(codeOf(fault));
    throw fault;
  }
}
