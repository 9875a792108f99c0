import { Liquid } from 'liquidjs';

/** A template's parts, in Liquid. */
export interface LiquidParts {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

const RENDER_MS = 150;
const PARSE_CHARACTERS_MAX = 500_000;
const MEMORY_MAX = 2_000_000;
const SUBJECT_MAX = 200;
const limits = { parseLimit: PARSE_CHARACTERS_MAX, renderLimit: RENDER_MS, memoryLimit: MEMORY_MAX };
// `templates: {}`: a template includes nothing, from no disk. Unknown names and filters are faults, found at start.
const strict = { ...limits, templates: {}, ownPropertyOnly: true, strictFilters: true, strictVariables: true, relativeReference: false } as const;

/** Liquid for HTML: what is put in is escaped, and no filter can lift that. */
export const htmlLiquid = (): Liquid => {
  const liquid = new Liquid({ ...strict, outputEscape: 'escape' });
  liquid.registerFilter('raw', (value: unknown) => value);
  return liquid;
};

/** Liquid for plain text. */
export const plainLiquid = (): Liquid => new Liquid(strict);

/** A subject of one line, at most 200 characters: nothing that data hold can begin another header. */
export const subjectOf = (text: string): string =>
  text
    .replace(/[\p{Cc}\u2028\u2029\s]+/gu, ' ')
    .trim()
    .slice(0, SUBJECT_MAX);
