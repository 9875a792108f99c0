import { type NamedValue, type Value, ValueStatus } from '@attune/contracts/messages/common/v1/common';
import { type ConditionPart, PartKind, Truth } from '@attune/contracts/messages/features/v1/features';
import type { NextAnswer } from '../domain/next-answer.ts';

/** What is put into words. */
export interface Explained {
  readonly segment: string;
  readonly purpose: string;
  /** The first is the whole. */
  readonly parts: readonly ConditionPart[];
  readonly next: NextAnswer;
}

/** An explanation in English, a line each: the answer, the parts as they are nested, and what time alone will do. */
export function explanationWords({ segment, purpose, parts, next }: Explained): readonly string[] {
  const [whole] = parts;
  if (whole === undefined) return [];
  const answer = `in ${segment}, by what ${purpose} may know: ${VERDICTS.get(whole.answer) ?? ''}`;
  return [answer, ...parts.map((part) => `${'  '.repeat(part.depth + 1)}${lineOf(part, purpose)}`), timeLine(next)];
}

const VERDICTS: ReadonlyMap<Truth, string> = new Map([
  [Truth.TRUTH_HOLDS, 'yes'],
  [Truth.TRUTH_FAILS, 'no'],
  [Truth.TRUTH_UNKNOWN, 'no, for want of a value'],
]);

const SIGNS: ReadonlyMap<Truth, string> = new Map([
  [Truth.TRUTH_HOLDS, 'holds'],
  [Truth.TRUTH_FAILS, 'misses'],
  [Truth.TRUTH_UNKNOWN, 'unknown'],
]);

const JOINS: ReadonlyMap<PartKind, string> = new Map([
  [PartKind.PART_KIND_ALL, 'each of these has to hold'],
  [PartKind.PART_KIND_ANY, 'one of these has to hold'],
  [PartKind.PART_KIND_NOT, 'this must not hold'],
  [PartKind.PART_KIND_CHOICE, 'if the first holds, the second has to, else the third'],
]);

function lineOf(part: ConditionPart, purpose: string): string {
  const said = SIGNS.get(part.answer) ?? '';
  const turns =
    part.turnsIf === Truth.TRUTH_UNSPECIFIED
      ? ''
      : ` [alone it decides: if it ${part.turnsIf === Truth.TRUTH_HOLDS ? 'held' : 'did not hold'}, the answer would change]`;
  const join = JOINS.get(part.kind);
  if (join !== undefined) return `${said}: ${join}${turns}`;
  const seen = part.values.map((value) => `${value.name} ${valueWords(value, purpose)}`);
  return `${said}: ${part.source}${missWords(part)}${seen.length > 0 ? ` (${seen.join(', ')})` : ''}${turns}`;
}

function missWords({ answer, comparison }: ConditionPart): string {
  if (answer !== Truth.TRUTH_FAILS || comparison === undefined) return '';
  return comparison.missesBy === 0 ? ', by having to be another number' : `, by ${number(comparison.missesBy)}`;
}

function valueWords({ status, value }: NamedValue, purpose: string): string {
  if (status === ValueStatus.VALUE_STATUS_WITHHELD) return `is withheld: not to be used for ${purpose}`;
  if (status === ValueStatus.VALUE_STATUS_ERASED) return 'is erased';
  return value === undefined ? 'is not there yet' : `is ${textOf(value)}`;
}

function textOf({ kind }: Value): string {
  if (kind?.$case === 'number') return number(kind.value);
  if (kind?.$case === 'text') return JSON.stringify(kind.value);
  if (kind?.$case === 'truth') return String(kind.value);
  if (kind?.$case === 'texts') return JSON.stringify(kind.value.values);
  if (kind?.$case === 'numbers') return JSON.stringify(kind.value.values.map(Number));
  if (kind?.$case === 'byName')
    return `{${Object.entries(kind.value.values)
      .map(([name, one]) => `${name}: ${textOf(one)}`)
      .join(', ')}}`;
  return 'there';
}

const number = (value: number): string => String(Number(value.toFixed(6)));

function timeLine(next: NextAnswer): string {
  if (next.kind === 'never') return 'time alone does not change the answer';
  if (next.kind === 'at') return `time alone changes the answer at ${utc(next.atMs)}`;
  return `time alone does not change the answer before ${utc(next.untilMs)}; later was not looked at`;
}

const utc = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', ' UTC');
