import { signal } from '@preact/signals';

/** Where the reader is: a view and what is open in it. */
export interface Route {
  readonly view: 'live' | 'customers' | 'segments' | 'campaigns' | 'outbox' | 'decision';
  readonly id: string;
}

const VIEWS = ['live', 'customers', 'segments', 'campaigns', 'outbox', 'decision'] as const;

/** The route of the address; changes with it. */
export const route = signal<Route>(read());

/** Follows the address from now on. */
export function followAddress(): void {
  addEventListener('hashchange', () => {
    route.value = read();
  });
}

/** The address of a view or of something in it. */
export const linkTo = (view: Route['view'], id = ''): string => `#/${view}${id === '' ? '' : `/${encodeURIComponent(id)}`}`;

/** Goes to a view or to something in it. */
export function goTo(view: Route['view'], id = ''): void {
  location.hash = linkTo(view, id);
}

function read(): Route {
  const [, view = '', id = ''] = location.hash.split('/');
  return { view: VIEWS.find((it) => it === view) ?? 'live', id: decoded(id) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
