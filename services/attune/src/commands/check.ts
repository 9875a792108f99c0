import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkConfiguration, type Fault } from '@attune/configuration/check';
import type { FeatureKindSpec } from '@attune/kernel/feature-kind';

/** What `attune check` prints, and the code it exits with: 0 for a good file, 1 for faults, 2 when the file cannot be read. */
export interface CheckReport {
  readonly exitCode: 0 | 1 | 2;
  readonly lines: readonly string[];
}

/** Checks one attune.yaml. The messages that it may name are the files `messages/<name>.<language>.mjml` beside it; without that folder they are not checked. */
export function check(file: string, kinds: readonly FeatureKindSpec[]): CheckReport {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return { exitCode: 2, lines: [`${file} cannot be read (${codeOf(error)}) → Check the path and its permissions.`] };
  }
  const messages = messagesBeside(file);
  const checked = checkConfiguration({ text, file, kinds, ...(messages && { messages }) });
  if (checked.kind === 'faults') return { exitCode: 1, lines: [...checked.faults.map(lineOf), counted(checked.faults.length, 'fault')] };
  const { features, segments, offers, campaigns, version } = checked.configuration;
  const counts = [
    counted(features.length, 'feature'),
    counted(segments.length, 'segment'),
    counted(offers.length, 'offer'),
    counted(campaigns.length, 'campaign'),
  ];
  return { exitCode: 0, lines: [`ok: ${counts.join(', ')}, version ${version.slice(0, 12)}`] };
}

const lineOf = ({ file, line, column, path, fault, fix }: Fault): string => `${file}:${line}:${column} ${path === '' ? '' : `${path}: `}${fault} → ${fix}`;

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

function messagesBeside(file: string): string[] | undefined {
  try {
    const names = readdirSync(join(dirname(file), 'messages')).flatMap((name) => /^(.+?)(?:\.[a-z]{2})?\.mjml$/.exec(name)?.[1] ?? []);
    return [...new Set(names)];
  } catch {
    return undefined;
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown');
