import type { ComponentChildren } from 'preact';
import { t } from './words.ts';

/** A card with a heading. */
export function Card({
  title,
  note,
  children,
  class: name = '',
}: {
  readonly title: string;
  readonly note?: string | undefined;
  readonly children: ComponentChildren;
  readonly class?: string;
}) {
  return (
    <section class={`card ${name}`} aria-label={title}>
      <div class="head">
        <h2>{title}</h2>
        {note !== undefined && <span class="note">{note}</span>}
      </div>
      {children}
    </section>
  );
}

/** A place where nothing is yet, and how something gets there. */
export const Empty = ({ what, teach }: { readonly what: string; readonly teach?: string }) => (
  <div class="empty">
    <p>
      <strong>{what}</strong>
    </p>
    {teach !== undefined && <p>{teach}</p>}
  </div>
);

/** What a read that has not come says: that it is on its way, or what went wrong. */
export const Waiting = ({ fault }: { readonly fault?: string | undefined }) =>
  fault === undefined ? (
    <p class="note pad">{t('loading')}</p>
  ) : (
    <p class="fault pad" role="alert">
      {t('failed', { message: fault })}
    </p>
  );
