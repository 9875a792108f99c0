import { AttuneError } from '@attune/kernel/errors';

/**
 * The result of `work`, or LOG_UNAVAILABLE after `ms` milliseconds, whatever the client library still tries behind our back.
 * `work` is told when nobody waits for it any more.
 */
export async function withinDeadline<T>(ms: number, what: string, work: (over: () => boolean) => Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  let over = false;
  const timer = setTimeout(() => {
    over = true;
    late.reject(new AttuneError('LOG_UNAVAILABLE', `No answer to ${what} within ${ms} ms.`));
  }, ms);
  try {
    return await Promise.race([work(() => over), late.promise]);
  } catch (fault) {
    throw toLogFault(fault);
  } finally {
    clearTimeout(timer);
  }
}

/** LOG_UNAVAILABLE for what may pass by itself, INTERNAL for what the log refuses for good (a record too large, no permission). */
export function toLogFault(fault: unknown): AttuneError {
  if (fault instanceof AttuneError) return fault;
  const detail = fault instanceof Error ? fault.message : '';
  return new AttuneError(isRefusal(fault) ? 'INTERNAL' : 'LOG_UNAVAILABLE', detail, fault);
}

/** True when the same call would be refused again. kafkajs wraps faults in others, so the innermost one decides. */
export function isRefusal(fault: unknown): boolean {
  if (fault instanceof AttuneError) return fault.code === 'INTERNAL';
  if (!(fault instanceof Error)) return true;
  if (fault.name === 'KafkaJSNumberOfRetriesExceeded') return false;
  if (fault.cause instanceof Error) return isRefusal(fault.cause);
  if ('retriable' in fault) return fault.retriable === false;
  return !('code' in fault); // a fault of the network has a code, a fault of ours has none
}
