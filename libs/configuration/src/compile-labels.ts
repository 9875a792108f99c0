import type { Review } from './compile.ts';
import { compileWhere } from './compile-where.ts';
import type { Label, Moments } from './configuration.ts';
import { columnClash } from './dataset-columns.ts';
import { readableFields } from './readable-fields.ts';
import { eventNamed } from './resolve-feature.ts';
import type { AttuneDocument } from './schema.ts';

type Written = AttuneDocument['labels'][string];

/** Labels with their names resolved, sorted by name. */
export const compileLabels = (document: AttuneDocument, review: Review): Label[] =>
  Object.entries(document.labels)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, written]) => labelOf({ document, review }, name, written));

interface Sources {
  readonly document: AttuneDocument;
  readonly review: Review;
}

function labelOf(sources: Sources, name: string, written: Written): Label {
  const { document, review } = sources;
  const path = ['labels', name];
  checkColumns(sources, name, written);
  const kind = written.event !== undefined ? 'event' : written.count !== undefined ? 'count' : 'sum';
  const word = kind === 'sum' ? 'of' : kind;
  const event = eventNamed({ document, review, path: [...path, word], said: written[word] ?? '' });
  const declared = Object.hasOwn(document.events, event) ? document.events[event] : undefined;
  const fields = readableFields(declared);
  const where =
    written.where === undefined || declared === undefined ? undefined : compileWhere({ fields, review, path: [...path, 'where'], source: written.where });
  const summed = written.sum === undefined || declared === undefined ? undefined : summedField(sources, { path: [...path, 'sum'], event, field: written.sum });
  return {
    ...{ name, kind, event, withinMs: written.within, view: written.view, purpose: purposeOf(sources, path, written) },
    ...(summed ?? {}),
    ...(where && { where }),
    moments: momentsOf(sources, path, written),
  };
}

function checkColumns({ document, review }: Sources, name: string, written: Written): void {
  const view = Object.hasOwn(document.views, written.view) ? document.views[written.view] : undefined;
  const clash = view && columnClash(name, written.view, view.features);
  if (clash !== undefined) review.findings.push({ path: ['labels', name], ...clash, atKey: true, tolerated: true });
}

function summedField(
  { document, review }: Sources,
  { path, event, field }: { readonly path: readonly string[]; readonly event: string; readonly field: string },
) {
  const fields = readableFields(document.events[event]);
  review.known({ path: [...path], what: `field of ${event} named`, name: field, among: fields.keys() });
  const found = fields.get(field);
  if (found !== undefined && found.type !== 'number')
    review.findings.push({ path: [...path], fault: `${field} is no number, and sum needs one.`, fix: 'Name a field with type: number.' });
  return { field, decimals: found?.decimals ?? 0 };
}

/** Every value of the view must be declared for it: what is always withheld teaches nothing. */
function purposeOf({ document, review }: Sources, path: readonly string[], written: Written): string {
  review.known({ path: [...path, 'view'], what: 'view', name: written.view, among: Object.keys(document.views) });
  const view = Object.hasOwn(document.views, written.view) ? document.views[written.view] : undefined;
  if (written.purpose !== undefined)
    review.known({ path: [...path, 'purpose'], what: 'purpose', name: written.purpose, among: Object.keys(document.purposes) });
  else if (view !== undefined && view.purpose === undefined)
    review.findings.push({ path: [...path, 'view'], fault: `${written.view} declares no purpose.`, fix: 'Give the label one, such as purpose: personalise.' });
  return written.purpose ?? view?.purpose ?? '';
}

function momentsOf({ document, review }: Sources, path: readonly string[], { within, moments }: Written): Moments {
  const { each, every, decisions } = moments ?? {};
  if (each !== undefined) return { kind: 'each', event: eventNamed({ document, review, path: [...path, 'moments', 'each'], said: each }) };
  if (decisions === undefined) return { kind: 'every', everyMs: every ?? within };
  if (decisions === 'all') return { kind: 'decisions' };
  review.known({ path: [...path, 'moments', 'decisions'], what: 'campaign', name: decisions, among: Object.keys(document.campaigns) });
  return { kind: 'decisions', campaign: decisions };
}
