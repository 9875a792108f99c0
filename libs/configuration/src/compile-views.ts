import { createHash } from 'node:crypto';
import type { FeatureDeclaration } from '@attune/kernel/feature-kind';
import type { Review } from './compile.ts';
import type { View } from './configuration.ts';
import type { Path } from './positions.ts';
import type { AttuneDocument } from './schema.ts';

/** Views with their names resolved, sorted by name. */
export function compileViews(document: AttuneDocument, features: readonly FeatureDeclaration[], review: Review): View[] {
  const values = valuesOf(document, features);
  return Object.entries(document.views)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { features: names, purpose, max_age: maxAgeMs, plain }]) => {
      const path = ['views', name];
      if (purpose !== undefined) review.known({ path: [...path, 'purpose'], what: 'purpose', name: purpose, among: Object.keys(document.purposes) });
      const listed = plain ? path : [...path, 'features'];
      for (const [i, one] of names.entries()) checkName({ review, values, path: [...listed, i], names, i, one, purpose });
      const version = versionOf(names.map((one) => [one, values.get(one)?.declared ?? values.get(one.slice(0, one.indexOf('.')))?.declared]));
      return { name, version, features: names, ...(purpose !== undefined && { purpose }), ...(maxAgeMs !== undefined && { maxAgeMs }) };
    });
}

/** What a view can name. */
interface Nameable {
  readonly purposes: readonly string[];
  readonly sensitive: boolean;
  /** True where one value of it can be named, behind a dot. */
  readonly parts: boolean;
  /** What the value depends on. */
  readonly declared: unknown;
}

function valuesOf({ traits }: AttuneDocument, features: readonly FeatureDeclaration[]): ReadonlyMap<string, Nameable> {
  return new Map([
    ...features.map((one): [string, Nameable] => [one.name, { purposes: one.purposes, sensitive: false, parts: one.by !== undefined, declared: one }]),
    ...Object.entries(traits).map(([name, trait]): [string, Nameable] => [`traits.${name}`, { ...trait, parts: false, declared: trait }]),
  ]);
}

interface NameCheck {
  readonly review: Review;
  readonly values: ReadonlyMap<string, Nameable>;
  readonly path: Path;
  readonly names: readonly string[];
  readonly i: number;
  readonly one: string;
  readonly purpose: string | undefined;
}

function checkName({ review, values, path, names, i, one, purpose }: NameCheck): void {
  const whole = values.get(one.slice(0, one.indexOf('.')));
  const value = values.get(one) ?? (whole?.parts === true ? whole : undefined);
  const add = (fault: string, fix: string): void => void review.findings.push({ path, fault, fix });
  if (value === undefined) review.known({ path, what: 'feature or trait', name: one, among: values.keys() });
  else if (names.indexOf(one) < i) add(`${one} stands twice in the view.`, 'Keep one of them.');
  else if (value.sensitive) add(`${one} is sensitive, and no view may name it.`, 'Remove it.');
  else if (purpose !== undefined && !value.purposes.includes(purpose))
    add(`${one} may not be used for ${purpose}: it would always be withheld.`, `Add ${purpose} to its purposes, or remove it from the view.`);
}

/** The same as long as the list and everything that its values depend on are. */
const versionOf = (listed: unknown): string => createHash('sha256').update(JSON.stringify(listed)).digest('hex').slice(0, 12);
