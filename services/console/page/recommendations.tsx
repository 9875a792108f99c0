import { recommendFor } from './api.ts';
import { useRead } from './hooks.ts';
import { t, tCode } from './words.ts';

const REFRESH_MS = 5_000;

interface RecommendationsOf {
  readonly recommender: string;
  readonly profileId: string;
  readonly purpose: string;
}

/** What would be recommended to a customer now, as the purpose may see it, each item with its reason. */
export function Recommendations({ recommender, profileId, purpose }: RecommendationsOf) {
  const { data } = useRead(`${recommender} ${profileId} ${purpose}`, () => recommendFor(profileId, { recommender, purpose }), REFRESH_MS);
  const items = data?.items ?? [];
  if (items.length === 0) return null;
  const withheld = data?.history === 'VALUE_STATUS_WITHHELD';
  return (
    <section class="recommended">
      <h3>{t('recommended', { recommender })}</h3>
      <ol>
        {items.map(({ id = '', title = '', reason = '', becauseOf = '', words = '' }) => (
          <li key={id}>
            {title || id}{' '}
            <span class="note">
              {tCode('rec', reason.replace('RECOMMENDATION_REASON_', ''), { item: words.replace(/^bought together with /, '') || becauseOf })}
            </span>
          </li>
        ))}
      </ol>
      {withheld && <span class="note">{t('recommendedWithheld', { purpose })}</span>}
    </section>
  );
}
