import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkConfiguration, type Fault } from '@attune/configuration/check';
import type { Configuration } from '@attune/configuration/configuration';
import { profileBytesOf } from '@attune/configuration/profile-bytes';
import type { FeatureKindSpec } from '@attune/kernel/feature-kind';
import { checkTemplates, messagesOf } from '@attune/notification/composition';
import { modelFilesIn } from '@attune/scoring/composition';

/** What `attune check` prints, and the code it exits with: 0 for a good file, 1 for faults, 2 when the file cannot be read. */
export interface CheckReport {
  readonly exitCode: 0 | 1 | 2;
  readonly lines: readonly string[];
}

/** Checks one attune.yaml, and the messages that it names: the files `messages/<name>.<language>.mjml` beside it, each in the shop's first language at least; and the files of its models. */
export async function check(file: string, kinds: readonly FeatureKindSpec[]): Promise<CheckReport> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return { exitCode: 2, lines: [`${file} cannot be read (${codeOf(error)}) → Check the path and its permissions.`] };
  }
  const checked = checkConfiguration({ text, file, kinds, messages: messagesBeside(file), modelFile: modelFilesIn(dirname(file)) });
  if (checked.kind === 'faults') return faulty(checked.faults.map(lineOf), checked.more);
  const faults = await checkTemplates(folderBeside(file), messagesOf(checked.configuration), checked.configuration.shop.languages);
  return faults.length > 0
    ? faulty(faults.map((fault) => `${fault} → ${TEMPLATE_FIX}`))
    : { exitCode: 0, lines: [summaryOf(checked.configuration), ...bytesOf(checked.configuration, kinds)] };
}

const folderBeside = (file: string): string => join(dirname(file), 'messages');

const TEMPLATE_FIX = 'Correct the template, or write it.';

const faulty = (lines: readonly string[], more = false): CheckReport => ({
  exitCode: 1,
  lines: [...lines, `${counted(lines.length, 'fault')}${more ? '; names and rules are looked at once these are mended' : ''}`],
});

function summaryOf({ features, segments, offers, campaigns, version }: Configuration): string {
  const counts = [
    counted(features.length, 'feature'),
    counted(segments.length, 'segment'),
    counted(offers.length, 'offer'),
    counted(campaigns.length, 'campaign'),
  ];
  return `ok: ${counts.join(', ')}, version ${version.slice(0, 12)}`;
}

/** How large a profile can grow; nothing where there is no feature. */
function bytesOf(configuration: Configuration, kinds: readonly FeatureKindSpec[]): readonly string[] {
  const bound = profileBytesOf(configuration, kinds);
  if (bound?.largest === undefined) return [];
  const { perIdentifier, largest } = bound;
  return [
    `features keep at most ${kilobytes(perIdentifier)} of each identifier of a customer, of 8 at most; the largest is ${largest.name}, ${kilobytes(largest.bytes)}`,
  ];
}

const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} kB`;

const lineOf = ({ file, line, column, path, fault, fix }: Fault): string => `${file}:${line}:${column} ${path === '' ? '' : `${path}: `}${fault} → ${fix}`;

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

function messagesBeside(file: string): readonly string[] {
  try {
    const names = readdirSync(folderBeside(file)).flatMap((name) => /^(.+?)(?:\.[a-z]{2})?\.mjml$/.exec(name)?.[1] ?? []);
    return [...new Set(names)];
  } catch {
    return [];
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown');
