import type { Review } from './compile.ts';
import type { WrittenFeature } from './feature-schema.ts';
import { type ReadableFields, readableFields } from './readable-fields.ts';
import type { AttuneDocument } from './schema.ts';

/** A feature with the event that it folds, and the fields that it can read. */
export interface ResolvedFeature {
  readonly name: string;
  readonly written: WrittenFeature;
  readonly event: string;
  /** The field behind the keyword; undefined for a kind of events. */
  readonly field?: string;
  readonly each?: string;
  readonly fields: ReadableFields;
}

/** Finds out which event a feature means: by its name, or as the one with a role (`role.purchase`). `item`, `quantity` and `price` are those of the event's lines, unless it has a field of that name. */
export function resolveFeature(document: AttuneDocument, review: Review, [name, written]: [string, WrittenFeature]): ResolvedFeature {
  const { spec, operand } = written;
  const key = spec.operand === 'event' ? spec.keyword : (Object.keys(spec.options).find((option) => spec.options[option]?.type === 'event') ?? '');
  const event = eventNamed({ document, review, path: ['features', name, key], said: spec.operand === 'event' ? operand : String(written.options[key] ?? '') });
  const declared = Object.hasOwn(document.events, event) ? document.events[event] : undefined;
  const { each = written.each, field } = spec.operand === 'event' ? {} : lineWord(declared, written);
  checkEach(review, { name, written, event, declared });
  return {
    ...{ name, written, event, fields: readableFields(declared, each) },
    ...(spec.operand === 'field' && { field: field ?? operand }),
    ...(each !== undefined && { each }),
  };
}

interface Reference {
  readonly document: AttuneDocument;
  readonly review: Review;
  readonly path: readonly string[];
  readonly said: string;
}

/** The name of the event, by role too; a fault where there is none. */
export function eventNamed({ document: { events }, review, path, said }: Reference): string {
  const role = /^role\.(.*)$/.exec(said)?.[1];
  if (role === undefined || Object.hasOwn(events, said)) {
    review.known({ path: [...path], what: 'event', name: said, among: Object.keys(events) });
    return said;
  }
  const having = Object.entries(events).flatMap(([name, event]) => (event.role === role ? [name] : []));
  if (having.length === 1) return having[0] ?? said;
  review.findings.push({
    path: [...path],
    fault: having.length === 0 ? `No event has the role ${role}.` : `${having.length} events have the role ${role}: ${having.join(', ')}.`,
    fix: having.length === 0 ? 'Give an event that role, or name an event.' : 'Name one of them.',
  });
  return said;
}

type Event = AttuneDocument['events'][string];

/** What a word of the lines stands for. */
function lineWord(event: Event | undefined, { operand, each }: WrittenFeature): { each?: string; field?: string } {
  if (event === undefined || each !== undefined || Object.hasOwn(event.fields, operand)) return {};
  if (event.lines === undefined) return operand === 'item' && event.item !== undefined ? { field: event.item } : {};
  const { each: list, item, quantity, price } = event.lines;
  const field = { item, quantity, price }[operand];
  return field === undefined ? {} : { each: list, field };
}

interface Checking {
  readonly name: string;
  readonly written: WrittenFeature;
  readonly event: string;
  readonly declared: Event | undefined;
}

function checkEach({ findings, known }: Review, { name, written: { spec, each, options }, event, declared }: Checking): void {
  if (each === undefined || declared === undefined) return;
  const path = ['features', name, 'each'];
  known({ path, what: `field of ${event} named`, name: each, among: Object.keys(declared.fields) });
  const type = Object.hasOwn(declared.fields, each) ? declared.fields[each]?.type : 'list';
  if (type !== 'list') findings.push({ path, fault: `${each} is a ${type}, and each needs a list.`, fix: 'Name a field with type: list, or remove each.' });
  if (spec.operand === 'event' && Object.keys(options).some((key) => spec.options[key]?.type === 'event'))
    findings.push({ path, fault: `${spec.keyword} reads two events, and each is a list of one.`, fix: 'Remove each.', atKey: true });
}
