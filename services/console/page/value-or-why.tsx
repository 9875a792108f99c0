import type { NamedValue } from './api.ts';
import { valueText } from './format.ts';
import { t } from './words.ts';

/** A value, or why there is none to see. */
export function ValueOrWhy({ it, purpose }: { readonly it: NamedValue; readonly purpose: string }) {
  if (it.status === 'VALUE_STATUS_WITHHELD') return <em class="withheld">{t('withheld', { purpose })}</em>;
  if (it.status === 'VALUE_STATUS_ERASED') return <em class="withheld">{t('erased')}</em>;
  return <>{valueText(it) ?? <em class="note">{t('missing')}</em>}</>;
}
