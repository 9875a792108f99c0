import type { Activity } from '@attune/contracts/messages/log/v1/log';

/** When a record of attune.activity.v1 was known, in ms since 1970; undefined for one that says nothing. */
export function activityTimeMs({ record }: Activity): number | undefined {
  if (record === undefined) return undefined;
  switch (record.$case) {
    case 'due':
      return Number(record.value.dueAtMs);
    case 'segmentsRecomputed':
      return undefined;
    case 'foldMoved':
      return Number(record.value.logTimeMs);
    default:
      return Number(record.value.receivedAtMs);
  }
}
