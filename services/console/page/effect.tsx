import type { CampaignResult } from './api.ts';
import { Interval } from './charts.tsx';
import { number, percent, signed } from './format.ts';
import { status } from './live-state.ts';
import { t } from './words.ts';

const DAY_MS = 86_400_000;

/** Treated against held out: both shares, their difference and what chance alone would make of it. */
export function Effect({ result }: { readonly result: CampaignResult }) {
  const { lift, liftLow, liftHigh, goalEvent = '', goalWithinMs } = result;
  if (goalEvent === '') return <p class="note">{t('noGoal')}</p>;
  return (
    <div class="effect">
      <p class="note">{t('goal', { event: goalEvent, days: number(Number(goalWithinMs ?? 0) / DAY_MS, 1) })}</p>
      <dl class="shares">
        <Share name={t('treated')} reached={Number(result.treatedReached ?? 0)} settled={Number(result.treatedSettled ?? 0)} />
        <Share name={t('control')} reached={Number(result.heldOutReached ?? 0)} settled={Number(result.heldOutSettled ?? 0)} />
      </dl>
      <p class="note">{t('treatedMeans')}</p>
      {lift === undefined || liftLow === undefined || liftHigh === undefined ? (
        <p class="note">{t('noLift')}</p>
      ) : (
        <>
          <p>
            <b class="num">{t('lift', { lift: signed(lift * 100) })}</b>{' '}
            <span class="note num">{t('interval', { low: signed(liftLow * 100), high: signed(liftHigh * 100) })}</span>
          </p>
          <Interval
            at={lift * 100}
            low={liftLow * 100}
            high={liftHigh * 100}
            label={t('interval', { low: signed(liftLow * 100), high: signed(liftHigh * 100) })}
          />
        </>
      )}
      {status.value?.replay !== undefined && (
        <p class="honest">
          <b>{t('trueZero')}</b> <span>{t('trueZeroWhy')}</span>
        </p>
      )}
    </div>
  );
}

const Share = ({ name, reached, settled }: { readonly name: string; readonly reached: number; readonly settled: number }) => (
  <div>
    <dt>{name}</dt>
    <dd class="num">
      <b>{settled === 0 ? '–' : percent(reached / settled, 1)}</b> <span class="note">{t('of', { n: number(reached), total: number(settled) })}</span>
    </dd>
  </div>
);
