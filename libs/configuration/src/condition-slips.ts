import { spelling } from '@attune/kernel/nearest';
import type { KnownNames } from './conditions.ts';

interface Slip {
  readonly fault: string;
  readonly fix: string;
}

/** The usual slips of the pen, each with the right spelling; looked for only after the library has refused the text. */
const slips: readonly { readonly written: RegExp; readonly says: (found: string, source: string) => Slip }[] = [
  {
    written: /\b\d{1,3}(?:[.,_]\d{3}){2,}\b|\b\d{1,3}[,_]\d{3}\b/,
    says: (found) => ({ fault: `${found} is not a number here.`, fix: `Write ${found.replaceAll(/[.,_]/g, '')}.` }),
  },
  { written: /\b\d+(?:\.\d+)?[a-z]+\b/i, says: (found) => ({ fault: `${found} is not a number.`, fix: lengthFix(found) }) },
  { written: /(?<![=!<>])=(?!=)/, says: () => ({ fault: '= does not compare.', fix: 'Write == for is equal to.' }) },
  { written: /<>/, says: () => ({ fault: '<> is not known here.', fix: 'Write != for is not equal to.' }) },
  { written: /===|!==/, says: (found) => ({ fault: `${found} is not known here.`, fix: `Write ${found.slice(0, 2)}.` }) },
  { written: /\band\b/i, says: (found) => ({ fault: `${found} is not known here.`, fix: 'Write && for and.' }) },
  { written: /\bor\b/i, says: (found) => ({ fault: `${found} is not known here.`, fix: 'Write || for or.' }) },
  { written: /\bnot\b/i, says: (found) => ({ fault: `${found} is not known here.`, fix: 'Write ! before what must not hold, such as !(orders > 1).' }) },
  { written: /(?<!&)&(?!&)/, says: () => ({ fault: '& is not known here.', fix: 'Write && for and.' }) },
  { written: /(?<!\|)\|(?!\|)/, says: () => ({ fault: '| is not known here.', fix: 'Write || for or.' }) },
  { written: /[“”„‘’]/, says: (found) => ({ fault: `${found} is not a quotation mark here.`, fix: 'Write " or \'.' }) },
];

/** What was meant by a text that the library refused: the slip, or its own words with the place. */
export function slipIn(source: string, error: unknown, names: KnownNames): Slip {
  const { code, summary, written } = detailsOf(source, error);
  if (code === 'unknown_variable') return unknownName(written, names);
  if (code === 'no_such_key') return unknownTrait(written, names);
  if (code.includes('limit') || /exceed|maximum/i.test(summary)) return { fault: 'The condition is too deep or too large.', fix: 'Split it into segments.' };
  if (/\b(?:days|hours|minutes|seconds)\(/.test(written) && code.startsWith('no_')) {
    return {
      fault: 'days(…) stands beside nothing that measures time.',
      fix: 'Compare it with a feature that has a unit, with a plain number inside, such as days_since_order > days(30).',
    };
  }
  if (code === 'no_such_overload')
    return { fault: `${written} mixes types: ${plain(summary)}.`, fix: 'Compare numbers with numbers and texts with texts in quotes.' };
  if (code === 'invalid_logical_operand') return { fault: `A side of && or || is not a condition: ${plain(summary)}.`, fix: 'Compare it, such as orders > 0.' };
  const bare = source.replaceAll(/"[^"]*"|'[^']*'/g, '""');
  for (const slip of slips) {
    const found = slip.written.exec(bare);
    if (found !== null) return slip.says(found[0], bare);
  }
  return { fault: `The condition does not parse${near(source, error)}.`, fix: 'Correct it; a condition reads like orders >= 3 && spend_90d > 100.' };
}

/** Where reading stopped, in the words of the rule itself: the library's token names mean nothing to its writer. */
function near(source: string, error: unknown): string {
  const range = error instanceof Error && 'range' in error ? (error.range as { start: number } | undefined) : undefined;
  if (range === undefined) return '';
  const rest = source.slice(range.start, range.start + 20).trim();
  return rest === '' ? ': something is missing at its end' : `: it stops making sense at "${rest}"`;
}

/** The right type for a condition or an amount that has another one. */
export function typeHint(source: string, type: string, wanted: 'bool' | 'double'): Slip {
  if (wanted === 'bool')
    return {
      fault: `${source.slice(0, 60)} is a ${plain(type)}, not a condition.`,
      fix: `Compare it, such as ${type === 'double' ? 'orders > 0' : 'traits.country == "GB"'}.`,
    };
  return { fault: `This is a ${plain(type)}, not a number.`, fix: 'Write a number, such as propensity * value - cost.' };
}

function unknownName(name: string, names: KnownNames): Slip {
  if (names.segments.has(name)) return { fault: `${name} is a segment, not a feature.`, fix: `Write "${name}" in segments.` };
  const trait = names.traits.get(name);
  if (trait?.sensitive) return sensitive(name);
  if (trait !== undefined) return { fault: `${name} is a trait, not a feature.`, fix: `Write traits.${name}.` };
  if (names.noun !== undefined)
    return { fault: `There is no ${names.noun} ${name} of the event that a condition can read.`, fix: spelling(name, names.features.keys()) };
  if (name === 'segments') return { fault: 'A rule cannot name segments here.', fix: 'Name features and traits only.' };
  return { fault: `There is no feature ${name}.`, fix: spelling(name, names.features.keys()) };
}

function unknownTrait(written: string, names: KnownNames): Slip {
  const name = written.replaceAll(/^traits\W|\W/g, '');
  if (names.traits.get(name)?.sensitive) return sensitive(name);
  return {
    fault: `There is no trait ${name}.`,
    fix: spelling(
      name,
      [...names.traits].filter(([, trait]) => !trait.sensitive).map(([known]) => known),
    ),
  };
}

const sensitive = (name: string): Slip => ({
  fault: `${name} is a sensitive trait: no rule may use it.`,
  fix: 'Remove it from the rule; it is for fairness audits only.',
});

function lengthFix(found: string): string {
  const [, amount = '', letter = ''] = /^([\d.]+)([a-z]+)$/i.exec(found) ?? [];
  const call = { d: 'days', h: 'hours', m: 'minutes', s: 'seconds' }[letter.toLowerCase()];
  return call === undefined ? `Write ${amount}.` : `Write ${call}(${amount}).`;
}

const plain = (text: string): string =>
  text
    .replaceAll(/\bdouble\b|\bint\b/g, 'number')
    .replaceAll(/\bstring\b/g, 'text')
    .replaceAll(/\bbool\b/g, 'condition')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 160);

function detailsOf(source: string, error: unknown): { code: string; summary: string; written: string } {
  if (!(error instanceof Error)) return { code: '', summary: String(error), written: '' };
  const code = 'code' in error ? String(error.code) : '';
  const summary = 'summary' in error ? String(error.summary) : error.message;
  const node = 'node' in error ? (error.node as { input?: string; start?: number; end?: number } | undefined) : undefined;
  const range = 'range' in error ? (error.range as { start: number; end: number } | undefined) : undefined;
  const written = (node?.input ?? source).slice(range?.start ?? 0, range?.end ?? 0);
  return { code, summary, written };
}
