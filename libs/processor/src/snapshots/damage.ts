import { AttuneError } from '@attune/kernel/errors';

/** What a snapshot is refused with whose bytes are not those that were written. `detail` says which file. */
export const damaged = (detail: string, cause?: unknown): AttuneError => new AttuneError('SNAPSHOT_DAMAGED', detail, cause);
