import type { FunctionComponent } from 'preact';
import { Campaigns } from './campaigns.tsx';
import { Customers } from './customers.tsx';
import { DecisionView } from './decision.tsx';
import { Header } from './header.tsx';
import { Live } from './live.tsx';
import { connection } from './live-state.ts';
import { Outbox } from './outbox.tsx';
import { type Route, route } from './route.ts';
import { Segments } from './segments.tsx';
import { TryIt } from './try-it.tsx';
import { t } from './words.ts';

const views: Readonly<Record<Route['view'], FunctionComponent<{ readonly id: string }>>> = {
  live: Live,
  customers: Customers,
  segments: Segments,
  campaigns: Campaigns,
  outbox: Outbox,
  decision: DecisionView,
};

/** The whole page: header, the view of the address, and how to try it. */
export function App() {
  const { view, id } = route.value;
  const View = views[view];
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        {t('skip')}
      </button>
      <Header />
      <div role="status" aria-live="polite">
        {connection.value === 'lost' && (
          <p class="lost">
            <strong>{t('lost')}</strong> {t('lostFix')}
          </p>
        )}
      </div>
      <main id="main" tabIndex={-1}>
        <View id={id} key={view} />
      </main>
      <TryIt />
    </>
  );
}
