import type { ErrorCode } from '@attune/kernel/errors';

/** Why something is not let in: a code of the table, and the path of the field at fault; empty where it is the whole. */
export interface Fault {
  readonly code: ErrorCode;
  readonly field: string;
}
