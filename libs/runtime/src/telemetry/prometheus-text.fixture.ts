import { type Label, labels, type Metric, metrics } from './metrics.ts';

/** What a text of metrics holds that the table does not declare: a metric, a label, or a value that is on no list. Test only. */
export function undeclaredIn(text: string): readonly string[] {
  const found = new Set<string>();
  for (const line of text.split('\n')) {
    const [, series = '', told = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (series === '') continue;
    const name = series.replace(/_(bucket|sum|count)$/, '');
    const metric = Object.entries<Metric>(metrics).find(([known, { kind }]) => known === series || (known === name && kind === 'histogram'))?.[1];
    if (metric === undefined) found.add(series);
    else for (const one of labelsIn(told)) if (!isDeclared(metric, one)) found.add(`${series}{${one.name}=${one.value}}`);
  }
  return [...found];
}

interface Told {
  readonly name: string;
  readonly value: string;
}

const labelsIn = (told: string): readonly Told[] => [...told.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = '', value = '']) => ({ name, value }));

function isDeclared({ labels: declared, kind }: Metric, { name, value }: Told): boolean {
  if (kind === 'histogram' && name === 'le') return true;
  const known = declared.find((label) => label === name);
  if (known === undefined) return false;
  const label: Label = labels[known];
  return value === 'other' || label.values === undefined || label.values.includes(value);
}
