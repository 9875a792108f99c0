import { folds, present } from './feature-kind.ts';
import { windowed, windowOption } from './windowed.ts';

/** Whether the event happened, ever or in the window. */
export const happened = windowed<true>({
  spec: {
    keyword: 'happened',
    operand: 'event',
    options: { window: windowOption },
    result: 'truth',
    doc: 'Whether the event happened.',
  },
  version: 1,
  partBytesMax: 0,
  of: (event, declaration) => (folds(declaration, event) ? true : undefined),
  join: () => true,
  value: (part) => present(part === true),
  write: () => undefined,
  read: () => true,
});
