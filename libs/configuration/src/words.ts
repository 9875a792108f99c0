import { spelling } from '@attune/kernel/nearest';
import { z } from 'zod';
import { durationMs } from './durations.ts';
import { say } from './faults.ts';

/** A mapping with these words only; an unknown one is a fault that names the nearest known spelling. */
export const words = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, { error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join('\n') : undefined) });

/** One word of a closed list; another one is answered with the nearest. */
export const oneOf = <const Words extends readonly [string, ...string[]]>(known: Words) =>
  z.enum(known, { error: ({ input }) => (input === undefined ? undefined : say(`${shown(input)} is not a word known here.`, spelling(String(input), known))) });

/** A mapping of names that a person chose: lower case letters, digits and underscores, at most 64, so that conditions can name them. */
export const named = <Value extends z.ZodType>(value: Value) => z.record(z.string().regex(/^[a-z][a-z0-9_]{0,63}$/), value, { error: nameError });

const nameError: z.core.$ZodErrorMap = (issue) =>
  issue.code === 'invalid_key'
    ? say(`${shown(issue.path?.at(-1) ?? 'the name')} is not a name.`, 'Write lower case letters, digits and underscores, beginning with a letter.')
    : undefined;

/** A whole duration such as `90d`, read as ms. */
export const duration = z.unknown().transform((written, context) => {
  const ms = typeof written === 'string' ? durationMs(written) : undefined;
  if (ms !== undefined) return ms;
  context.issues.push({
    code: 'custom',
    input: written,
    message:
      written === undefined
        ? say('The duration is missing.', 'Add it, such as 90d.')
        : say(`${shown(written)} is not a duration.`, 'Write a whole number and s, m, h, d or y, such as 15m, 2h or 90d.'),
  });
  return z.NEVER;
});

const minuteMs = 60_000;
const yearMs = 365 * 86_400_000;

/** A window such as `90d`: whole minutes, from one to a year, read as ms. */
export const window = z.unknown().transform((written, context) => {
  const ms = typeof written === 'string' ? durationMs(written) : undefined;
  if (ms !== undefined && ms % minuteMs === 0 && ms <= yearMs) return ms;
  context.issues.push({ code: 'custom', input: written, message: windowMessage(written, ms) });
  return z.NEVER;
});

function windowMessage(written: unknown, ms: number | undefined): string {
  if (ms === undefined) return say(`${shown(written)} is not a duration.`, 'Write a whole number and s, m, h, d or y, such as 15m, 2h or 90d.');
  if (ms > yearMs)
    return say(`${shown(written)} is longer than a year, the longest window.`, 'Write at most 365d, or leave the window out: then all time counts.');
  return say(`${shown(written)} is not a whole number of minutes.`, 'Write minutes, hours or days, such as 15m, 2h or 90d.');
}

/** A half-life such as `30d`: from an hour to a year, read as ms. */
export const halfLife = z.unknown().transform((written, context) => {
  const ms = typeof written === 'string' ? durationMs(written) : undefined;
  if (ms !== undefined && ms >= 60 * minuteMs && ms <= yearMs) return ms;
  const message = ms === undefined ? `${shown(written)} is not a duration.` : `${shown(written)} is no half-life that can be kept.`;
  context.issues.push({
    code: 'custom',
    input: written,
    message: say(written === undefined ? 'The half-life is missing.' : message, 'Write a duration from 1h to 365d, such as 30d.'),
  });
  return z.NEVER;
});

/** A part such as `10%`, read as a number in [0, 1]. */
export const percent = z.unknown().transform((written, context) => {
  const match = typeof written === 'string' ? /^([0-9]{1,3}(?:\.[0-9]{1,3})?)%$/.exec(written) : null;
  const part = Number(match?.[1] ?? Number.NaN) / 100;
  if (part >= 0 && part <= 1) return part;
  context.issues.push({
    code: 'custom',
    input: written,
    message: say(written === undefined ? 'The percentage is missing.' : `${shown(written)} is not a percentage.`, 'Write 0% to 100%, such as 10%.'),
  });
  return z.NEVER;
});

/** A time of day such as "21:00", read as minutes after midnight. */
export const timeOfDay = z.unknown().transform((written, context) => {
  const match = typeof written === 'string' ? /^([01][0-9]|2[0-3]):([0-5][0-9])$/.exec(written) : null;
  if (match !== null) return Number(match[1]) * 60 + Number(match[2]);
  context.issues.push({
    code: 'custom',
    input: written,
    message: say(
      written === undefined ? 'The time of day is missing.' : `${shown(written)} is not a time of day.`,
      'Write hours and minutes in quotes, such as "21:00".',
    ),
  });
  return z.NEVER;
});

/** One text or a list of texts, read as a list. */
export const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string()).min(1)], {
  error: () => say('This is not a name or a list of names.', 'Write one name, or [one, two].'),
});

/** A written value in a message: short, and in one line. */
export const shown = (value: unknown): string => {
  const text = typeof value === 'object' && value !== null ? (Array.isArray(value) ? 'a list' : 'a mapping') : String(value);
  return text.replaceAll(/\s+/g, ' ').slice(0, 60);
};
