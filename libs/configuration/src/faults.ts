import { spelling } from '@attune/kernel/nearest';
import type { z } from 'zod';
import type { Path } from './positions.ts';

/** A fault before its place in the file is known. `atKey`: it is the key that is wrong, not its value. */
export interface Finding {
  readonly path: Path;
  readonly fault: string;
  readonly fix: string;
  readonly atKey?: boolean;
  /** True for what a start refuses while the code is on its guard against it: a log may hold a document with it, and folds read that. */
  readonly tolerated?: boolean;
}

/** The message of a schema rule: the fault and the fix in one text, which `findingsOf` takes apart. */
export const say = (fault: string, fix: string): string => `${fault}\n${fix}`;

/** What zod found, in sentences that say what to write. */
export const findingsOf = (issues: readonly z.core.$ZodIssue[]): Finding[] => issues.flatMap(findingOf);

function findingOf(issue: z.core.$ZodIssue): Finding[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split('\n');
    return issue.keys.slice(0, 100).map((key) => ({ path: [...path, key], fault: `${key} is not a word known here.`, fix: spelling(key, known), atKey: true }));
  }
  const [fault = '', fix] = issue.message.split('\n');
  if (fix !== undefined) return [{ path, fault, fix, atKey: issue.code === 'invalid_key' }];
  if (issue.code === 'invalid_union')
    return meantBranch(issue.errors)
      .flatMap(findingOf)
      .map((found) => ({ ...found, path: [...path, ...found.path] }));
  return [{ path, ...sentenceOf(issue) }];
}

/** The one of several forms that was meant: whose outermost type is right. */
const meantBranch = (branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] =>
  branches.find((issues) => !issues.some(({ code, path }) => code === 'invalid_type' && path.length === 0)) ?? branches[0] ?? [];

function sentenceOf(issue: z.core.$ZodIssue): { fault: string; fix: string } {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? { fault: `${String(issue.path.at(-1) ?? 'the document')} is missing.`, fix: `Add it: ${described(issue.expected)}.` }
        : { fault: `This is not ${described(issue.expected)}.`, fix: `Write ${described(issue.expected)}.` };
    case 'invalid_value':
      return { fault: 'This word is not one of those known here.', fix: `Write ${issue.values.map(String).join(', ')}.` };
    case 'invalid_key':
      return { fault: 'This name is empty or too long.', fix: 'Write a name of 1 to 100 characters.' };
    case 'too_small':
      return { fault: `This is less than ${issue.minimum}.`, fix: `Write ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}.` };
    case 'too_big':
      return { fault: `This is more than ${issue.maximum}.`, fix: `Write at most ${issue.maximum}.` };
    default:
      return { fault: issue.message, fix: 'See docs/configuration.md.' };
  }
}

const described = (type: string): string =>
  ({
    string: 'a text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a mapping of words to values',
    record: 'a mapping of names',
  })[type] ?? type;
