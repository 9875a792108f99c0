import type { FeatureEvent, FeatureKind } from './feature-kind.ts';

/** The same kind, stepped once for each entry of the list that `each` names. An entry has the fields of its event and, before them, its own; one that is a plain value stands under the name of the list. */
export function eachEntry<S>(kind: FeatureKind<S>): FeatureKind<S> {
  return {
    ...kind,
    step: (state, event, declaration) => entriesOf(event, declaration.each).reduce((found, entry) => kind.step(found, entry, declaration), state),
  };
}

function entriesOf(event: FeatureEvent, each: string | undefined): readonly FeatureEvent[] {
  const list = each === undefined ? undefined : event.fields[each];
  if (each === undefined || !Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => {
    const own = typeof entry === 'object' ? entry : { [each]: entry };
    return own === null || Array.isArray(own) ? [] : [{ ...event, fields: { ...event.fields, ...own } }];
  });
}
