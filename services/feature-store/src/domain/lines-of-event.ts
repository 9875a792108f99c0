import type { FeatureEventLine } from './features/feature-kind.ts';
import type { LinesOfEvent } from './profile-rules.ts';

/** The lines of an event that name an item by text or by whole number; one line where the event itself names its item. A line without a quantity counts as one. */
export function linesOf(fields: Readonly<Record<string, unknown>>, where: LinesOfEvent): readonly FeatureEventLine[] {
  if (where.each === undefined) return lineOf(fields, where.item);
  const each = fields[where.each];
  return Array.isArray(each) ? each.flatMap((line) => (isObject(line) ? lineOf(line, where.item, where) : [])) : [];
}

function lineOf(
  from: Readonly<Record<string, unknown>>,
  named: string,
  { quantity, price }: { readonly quantity?: string | undefined; readonly price?: string | undefined } = {},
): FeatureEventLine[] {
  const id = from[named];
  if (typeof id !== 'string' && !Number.isSafeInteger(id)) return [];
  const [many, each] = [numberOf(from, quantity), numberOf(from, price)];
  return [{ item: String(id), quantity: many ?? 1, ...(each !== undefined && { price: each }) }];
}

function numberOf(from: Readonly<Record<string, unknown>>, named: string | undefined): number | undefined {
  const value = named === undefined ? undefined : from[named];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
