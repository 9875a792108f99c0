import type { Settings } from './tune.ts';

/** Settings as words. */
export const written = (settings: Settings): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} ${value === Number.POSITIVE_INFINITY ? '∞' : value}`)
    .join(', ');
