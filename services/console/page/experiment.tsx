import type { ArmComparison, CampaignResult } from './api.ts';
import { number, percent, signed } from './format.ts';
import { t } from './words.ts';

/** Each customer counted once: the arms, whether they are filled as their shares say, and how they compare, for one look and for every look. */
export function Experiment({ result: { arms = [], comparisons = [], sampleRatioP, sampleRatioAlarm = false } }: { readonly result: CampaignResult }) {
  if (arms.length < 2) return null;
  return (
    <div class="scroll experiment">
      <h3>{t('experiment')}</h3>
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">{t('arm')}</th>
            <th scope="col">{t('armAssigned')}</th>
            <th scope="col">{t('armExpected')}</th>
            <th scope="col">{t('armReached')}</th>
          </tr>
        </thead>
        <tbody>
          {arms.map(({ arm = '', assigned = '0', expected = 0, settled = '0', reached = '0' }) => (
            <tr key={arm}>
              <th scope="row">{named(arm)}</th>
              <td data-label={t('armAssigned')}>{number(Number(assigned))}</td>
              <td data-label={t('armExpected')}>{number(expected, 1)}</td>
              <td data-label={t('armReached')}>
                {Number(settled) === 0
                  ? '–'
                  : `${percent(Number(reached) / Number(settled), 1)} (${t('of', { n: number(Number(reached)), total: number(Number(settled)) })})`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {sampleRatioP !== undefined &&
        (sampleRatioAlarm ? (
          <p class="honest" role="alert">
            <b>{t('ratioAlarm', { p: percent(sampleRatioP, 3) })}</b>
          </p>
        ) : (
          <p class="note">✓ {t('ratioFine')}</p>
        ))}
      {comparisons.map((it) => (
        <Compared key={`${it.arm}/${it.baseline}`} it={it} />
      ))}
      <p class="note">{t('experimentMeans')}</p>
    </div>
  );
}

function Compared({ it: { arm = '', baseline = '', lift = 0, low = 0, high = 0, anytimeLow, anytimeHigh } }: { readonly it: ArmComparison }) {
  const points = (share: number): string => signed(share * 100);
  return (
    <p>
      {t('compared', { arm: named(arm), baseline: named(baseline) })}: <b class="num">{t('lift', { lift: points(lift) })}</b>{' '}
      <span class="note num">
        {t('onceInterval', { low: points(low), high: points(high) })}
        {' · '}
        {anytimeLow === undefined || anytimeHigh === undefined
          ? t('anytimeSoon')
          : t('anytimeInterval', { low: points(anytimeLow), high: points(anytimeHigh) })}
      </span>
    </p>
  );
}

const named = (arm: string): string => (arm === 'held_out' ? t('control') : arm === 'treated' ? t('treated') : arm);
