import { type CampaignResult, campaignResults, type DeliveryResult, deliveryResults } from './api.ts';
import { type Part, StackedBar } from './charts.tsx';
import { Effect } from './effect.tsx';
import { coded } from './entry-line.tsx';
import { Experiment } from './experiment.tsx';
import { number, percent } from './format.ts';
import { useRead } from './hooks.ts';
import { Card, Empty, Waiting } from './said.tsx';
import { t } from './words.ts';

const REFRESH_MS = 2_000;
const DAY_MS = 86_400_000;

/** What each campaign did, what became of its messages, and whether it changed anything. */
export function Campaigns() {
  const decided = useRead('campaigns', campaignResults, REFRESH_MS);
  const delivered = useRead('deliveries', deliveryResults, REFRESH_MS).data?.campaigns ?? [];
  const campaigns = (decided.data?.campaigns ?? []).toSorted((a, b) => n(b.entered) - n(a.entered));
  if (decided.data === undefined || campaigns.length === 0)
    return (
      <Card title={t('campaigns')}>
        {decided.data === undefined ? <Waiting fault={decided.fault} /> : <Empty what={t('noCampaigns')} teach={t('noCampaignsTeach')} />}
      </Card>
    );
  return (
    <div class="column">
      {campaigns.map((it) => (
        <Campaign key={it.campaign} result={it} delivery={delivered.find(({ campaign }) => campaign === it.campaign)} />
      ))}
    </div>
  );
}

const n = (it: string | undefined): number => Number(it ?? 0);

function Campaign({ result, delivery }: { readonly result: CampaignResult; readonly delivery: DeliveryResult | undefined }) {
  return (
    <Card title={result.campaign ?? ''} class="campaign">
      <Entered result={result} />
      <div class="known">
        <div>
          <h3>{t('deliveries')}</h3>
          <Deliveries delivery={delivery} expected={n(result.offered) + n(result.messaged)} />
        </div>
        <div>
          <h3>{t('effect')}</h3>
          <Effect result={result} />
        </div>
      </div>
      <Experiment result={result} />
      <Offers result={result} />
    </Card>
  );
}

function Entered({ result }: { readonly result: CampaignResult }) {
  const counts: readonly Part[] = [
    { name: t('heldOut'), count: n(result.heldOut), tone: 't-control' },
    { name: t('offered'), count: n(result.offered), tone: 't-accent' },
    { name: t('messaged'), count: n(result.messaged), tone: 't-soft' },
    { name: t('nothing'), count: n(result.nothing), tone: 't-quiet' },
    { name: t('noConsent'), count: n(result.noConsent), tone: 't-warn' },
  ];
  const all = counts.filter(({ count }) => count > 0);
  const missing = n(result.entered) - all.reduce((sum, { count }) => sum + count, 0);
  return (
    <>
      <p class="sum num">
        <b>{number(n(result.entered))}</b> {t('enteredN')} = {all.map(({ name, count }) => `${number(count)} ${name}`).join(' + ')}{' '}
        <span class={`chip ${missing === 0 ? 'good' : 'accent'}`}>{missing === 0 ? `✓ ${t('addsUp')}` : t('addsNot', { n: number(missing) })}</span>
      </p>
      <StackedBar parts={all} label={t('enteredN')} />
      {n(result.nothing) > 0 && <p class="note pad-below">{t('nothingMeans')}</p>}
    </>
  );
}

function Deliveries({ delivery, expected }: { readonly delivery: DeliveryResult | undefined; readonly expected: number }) {
  const reasons = Object.entries(delivery?.notSent ?? {});
  const rows: readonly (readonly [string, number, string])[] = [
    [t('sent'), n(delivery?.sent), 't-accent'],
    [t('held'), n(delivery?.held), 't-soft'],
    [t('unknown'), n(delivery?.unknown), 't-warn'],
    ...reasons.map(([reason, count]) => [coded(reason), n(count), 't-quiet'] as const),
  ];
  const total = rows.reduce((sum, [, count]) => sum + count, 0);
  const max = Math.max(1, ...rows.map(([, count]) => count));
  if (total === 0) return <p class="note">{t('noDeliveries')}</p>;
  return (
    <>
      <dl class="bars">
        {rows.map(
          ([name, count, tone]) =>
            count > 0 && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <span class={`fill ${tone}`} style={{ width: `${(count / max) * 70}%` }} /> <b class="num">{number(count)}</b>
                </dd>
              </div>
            ),
        )}
      </dl>
      <p class="sum-of num">
        {t('messagesOf', { n: number(total), expected: number(expected) })}{' '}
        {total === expected ? (
          <span class="chip good">✓ {t('addsUp')}</span>
        ) : (
          total < expected && <span class="chip accent">{t('addsNot', { n: number(expected - total) })}</span>
        )}
      </p>
    </>
  );
}

function Offers({ result: { offers = [], goalEvent = '', goalWithinMs } }: { readonly result: CampaignResult }) {
  if (offers.length === 0) return null;
  return (
    <div class="scroll offers">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">{t('offer')}</th>
            <th scope="col">{t('offeredN')}</th>
            <th scope="col">{t('accepted')}</th>
            <th scope="col">{t('rate')}</th>
            <th scope="col">{t('explored')}</th>
          </tr>
        </thead>
        <tbody>
          {offers.map(({ offer, sent, accepted, explored }) => (
            <tr key={offer}>
              <th scope="row">{offer}</th>
              <td data-label={t('offeredN')}>{number(n(sent))}</td>
              <td data-label={t('accepted')}>{number(n(accepted))}</td>
              <td data-label={t('rate')}>{n(sent) === 0 ? '–' : percent(n(accepted) / n(sent), 1)}</td>
              <td data-label={t('explored')}>{number(n(explored))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {goalEvent !== '' && <p class="note">{t('acceptedMeans', { event: goalEvent, days: number(Number(goalWithinMs ?? 0) / DAY_MS, 1) })}</p>}
    </div>
  );
}
