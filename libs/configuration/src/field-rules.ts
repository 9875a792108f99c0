import type { FeatureDeclaration } from '@attune/kernel/feature-kind';
import type { Review } from './compile.ts';
import type { ReadableField } from './readable-fields.ts';
import type { ResolvedFeature } from './resolve-feature.ts';

/** Checks the field behind the keyword: it must be declared and of a type that the kind can read. Answers its decimals; a field that is no number has none. */
export function checkField(review: Review, resolved: ResolvedFeature): number {
  const { name, written, field } = resolved;
  const { spec } = written;
  if (field === undefined) return 0;
  const path = ['features', name, spec.keyword];
  const found = fieldNamed(review, resolved, { path, named: field });
  if (found === undefined) return 0;
  const wrong = wrongType(spec, found);
  if (wrong !== undefined) review.findings.push({ path, fault: `${field} is ${a(found.type)}, and ${spec.keyword} needs ${wrong.needs}.`, fix: wrong.fix });
  return found.type === 'number' ? found.decimals : 0;
}

/** Checks the field that tells buckets apart. */
export function checkNameField(review: Review, resolved: ResolvedFeature, by: string): void {
  const path = ['features', resolved.name, 'by'];
  const found = fieldNamed(review, resolved, { path, named: by });
  if (found !== undefined && ['list', 'object', 'time'].includes(found.type))
    review.findings.push({ path, fault: `${by} is ${a(found.type)}, and by needs a name.`, fix: 'Name a field that is a text, a number, or true or false.' });
}

/** The field that says how much an event counts; undefined where the kind has none, or none is written. */
export function checkWeight(review: Review, resolved: ResolvedFeature): Pick<FeatureDeclaration, 'weight'> | undefined {
  const { spec, options } = resolved.written;
  const key = Object.keys(spec.options).find((option) => spec.options[option]?.type === 'field');
  const weight = key === undefined ? undefined : options[key];
  if (key === undefined || typeof weight !== 'string') return undefined;
  const path = ['features', resolved.name, key];
  const found = fieldNamed(review, resolved, { path, named: weight });
  if (found !== undefined && found.type !== 'number')
    review.findings.push({ path, fault: `${weight} is ${a(found.type)}, and ${key} needs a number.`, fix: 'Name a field with type: number.' });
  return { weight };
}

interface Named {
  readonly path: readonly string[];
  readonly named: string;
}

/** Undefined, with a fault, where it is not declared; without one where the event is not. */
function fieldNamed(review: Review, { event, each, fields }: ResolvedFeature, { path, named }: Named): ReadableField | undefined {
  const what = `field of ${event}${each === undefined ? '' : ` or of an entry of its ${each}`} named`;
  if (fields.size > 0 || each !== undefined) review.known({ path: [...path], what, name: named, among: fields.keys() });
  return fields.get(named);
}

function wrongType({ result, anyField }: ResolvedFeature['written']['spec'], { type }: ReadableField): { needs: string; fix: string } | undefined {
  const one = { needs: 'one value', fix: 'Name a field that is a number, a text, true or false, or a time.' };
  if (result === 'list' || result === 'texts')
    return ['string', 'number'].includes(type) ? undefined : { needs: 'a text or a number', fix: 'Name a field with type: string or type: number.' };
  if (result === 'field' || anyField === true) return type === 'list' || type === 'object' ? one : undefined;
  return result === 'number' && type !== 'number' ? { needs: 'a number', fix: 'Name a field with type: number.' } : undefined;
}

const a = (type: string): string => `${type === 'object' ? 'an' : 'a'} ${type}`;
