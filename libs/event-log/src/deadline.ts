import { AttuneError, errorTable } from '@attune/kernel/errors';

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

/** LOG_UNAVAILABLE for what may pass by itself; of what the log refuses for good EVENT_TOO_LARGE for a record above the broker's limit, else INTERNAL (no permission). */
export function toLogFault(fault: unknown): AttuneError {
  if (fault instanceof AttuneError) return fault;
  const detail = fault instanceof Error ? fault.message : '';
  if (!isRefusal(fault)) return new AttuneError('LOG_UNAVAILABLE', detail, fault);
  return new AttuneError(isTooLarge(fault) ? 'EVENT_TOO_LARGE' : 'INTERNAL', detail, fault);
}

/** True when the same call would be refused again. kafkajs wraps faults in others, so the innermost one decides. */
export function isRefusal(fault: unknown): boolean {
  if (fault instanceof AttuneError) return !errorTable[fault.code].retriable;
  if (!(fault instanceof Error)) return true;
  if (fault.name === 'KafkaJSNumberOfRetriesExceeded') return false;
  if (fault.cause instanceof Error) return isRefusal(fault.cause);
  if ('retriable' in fault) return fault.retriable === false;
  return !('code' in fault); // a fault of the network has a code, a fault of ours has none
}

// https://kafka.apache.org/protocol.html#protocol_error_codes
const tooLarge: readonly unknown[] = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'];

const isTooLarge = (fault: unknown): boolean => fault instanceof Error && (('type' in fault && tooLarge.includes(fault.type)) || isTooLarge(fault.cause));
