/** A week in ms. */
export const WEEK_MS = 7 * 86_400_000;

/** How many whole weeks move `lastMs` into the seven days before `startMs`, strictly before it. Weekdays and hours in UTC stay as they were; negative where `lastMs` lies later. */
export const shiftWeeks = (lastMs: number, startMs: number): number => Math.ceil((startMs - lastMs) / WEEK_MS) - 1;
