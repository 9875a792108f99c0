import { ErrorInfo } from '@attune/contracts/rpc/error_details';
import { Status } from '@attune/contracts/rpc/status';
import { AttuneError, type ErrorCode, errorTable } from '@attune/kernel/errors';
import { Metadata, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import { answerOf } from './fault-answer.ts';

const DETAILS = 'grpc-status-details-bin';
const DOMAIN = 'attune';
const ERROR_INFO = 'type.googleapis.com/google.rpc.ErrorInfo';

/** A fault as gRPC tells it: status and message from the table, the code as `reason` of a google.rpc.ErrorInfo, its fix in the metadata of that. */
export function statusOfFault(fault: unknown): StatusObject {
  const { code, reason, message, fix } = answerOf(fault);
  // Half a surrogate pair cannot be written into a trailer.
  const details = message.toWellFormed();
  const info = ErrorInfo.encode({ reason, domain: DOMAIN, metadata: { fix } }).finish();
  const metadata = new Metadata();
  metadata.set(DETAILS, Buffer.from(Status.encode({ code, message: details, details: [{ typeUrl: ERROR_INFO, value: info }] }).finish()));
  return { code, details, metadata };
}

/** The fault that a failed call tells of: by its ErrorInfo, or, where there is none of ours, by its status. */
export function faultOfStatus({ code, details, metadata, cause }: ServiceError): AttuneError {
  const reason = reasonIn(metadata);
  if (reason === undefined) return new AttuneError(codeOfStatus(code, details), DETAIL_OF_STATUS[code], cause ?? details);
  const { what } = errorTable[reason];
  return new AttuneError(reason, details.startsWith(`${what} `) ? details.slice(what.length + 1) : '');
}

function reasonIn(metadata: Metadata): ErrorCode | undefined {
  const [bytes] = metadata.get(DETAILS);
  if (!Buffer.isBuffer(bytes)) return undefined;
  try {
    const found = Status.decode(bytes).details.find(({ typeUrl }) => typeUrl === ERROR_INFO);
    const { reason, domain } = ErrorInfo.decode(found?.value ?? new Uint8Array());
    return domain === DOMAIN && isCode(reason) ? reason : undefined;
  } catch {
    return undefined;
  }
}

const isCode = (reason: string): reason is ErrorCode => Object.hasOwn(errorTable, reason);

const DETAIL_OF_STATUS: Readonly<Record<number, string>> = {
  [status.UNAVAILABLE]: 'The service that was called does not answer.',
  [status.CANCELLED]: 'The service that was called gave the call up.',
};

/** A service that is away is to its caller what a log or a store is that is away: the same call may succeed later. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  [status.CANCELLED]: 'SERVICE_UNAVAILABLE',
  [status.INVALID_ARGUMENT]: 'REQUEST_INVALID',
  [status.DEADLINE_EXCEEDED]: 'DEADLINE_EXCEEDED',
  [status.UNIMPLEMENTED]: 'METHOD_UNKNOWN',
  [status.UNAVAILABLE]: 'SERVICE_UNAVAILABLE',
  [status.UNAUTHENTICATED]: 'WRITE_KEY_UNKNOWN',
};

function codeOfStatus(code: number, details: string): ErrorCode {
  // gRPC has one status for a busy service and for a message beyond its bound; the second never succeeds.
  if (code === status.RESOURCE_EXHAUSTED) return /larger than/.test(details) ? 'REQUEST_INVALID' : 'OVERLOADED';
  return CODE_OF_STATUS[code] ?? 'INTERNAL';
}
