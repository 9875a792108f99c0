/** Columns that say which row of a dataset is which; `decision_id` only where rows are taken at decisions. */
export const placeColumns: readonly string[] = ['profile_id', 'at', 'partition', 'offset', 'decision_id'];

/** Why a dataset of the label with these values would have two columns of one name, and what to do; undefined where it would not. */
export function columnClash(label: string, view: string, values: readonly string[]): { readonly fault: string; readonly fix: string } | undefined {
  if (values.includes(label))
    return { fault: `${label} is also a value of ${view}: a dataset would have two columns of that name.`, fix: 'Give the label another name.' };
  const taken = [label, ...values].find((name) => placeColumns.includes(name));
  if (taken === undefined) return undefined;
  const fix = taken === label ? 'Give the label another name.' : `Give the feature another name, or leave it out of ${view}.`;
  return { fault: `${taken} is what a dataset calls one of its own columns.`, fix };
}
