/** Lengths of the units of time that a configuration may name, in ms. A year is 365 days. */
export const unitsMs = { seconds: 1000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 } as const;

const letters: Readonly<Record<string, number>> = { s: unitsMs.seconds, m: unitsMs.minutes, h: unitsMs.hours, d: unitsMs.days, y: 365 * unitsMs.days };

/** The ms of a whole duration such as `90d`, `2h`, `15m`, `30s` or `6y`; undefined when it is not one, is zero, or is longer than 100 years. */
export function durationMs(text: string): number | undefined {
  const match = /^([1-9][0-9]{0,8})([smhdy])$/.exec(text);
  if (match === null) return undefined;
  const ms = Number(match[1]) * (letters[match[2] ?? ''] ?? Number.NaN);
  return ms <= 100 * 365 * unitsMs.days ? ms : undefined;
}
