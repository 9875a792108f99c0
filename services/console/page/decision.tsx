import { useEffect, useState } from 'preact/hooks';
import { type Candidate, type Decision, type Explanation, explainDecision } from './api.ts';
import { coded } from './entry-line.tsx';
import { ago, dateTime, money, number, percent } from './format.ts';
import { useRead } from './hooks.ts';
import { status } from './live-state.ts';
import { ValueName } from './profile-card.tsx';
import { linkTo } from './route.ts';
import { Card, Waiting } from './said.tsx';
import { ValueOrWhy } from './value-or-why.tsx';
import { t, tCode } from './words.ts';

/** One decision: what came of it, why, and whether it comes out the same again. */
export function DecisionView({ id }: { readonly id: string }) {
  const { data, fault } = useRead(`decision ${id}`, () => explainDecision(id));
  if (data?.decision === undefined)
    return (
      <Card title={t('decision')} note={id}>
        <Waiting fault={fault} />
      </Card>
    );
  return (
    <div class="column">
      <Verdict explanation={data} decision={data.decision} key={id} />
      <Candidates decision={data.decision} />
      <ValuesRead decision={data.decision} />
    </div>
  );
}

function Verdict({ explanation: { sentences = [] }, decision }: { readonly explanation: Explanation; readonly decision: Decision }) {
  const outcome = outcomeOf(decision);
  const won = decision.offer || decision.message || '';
  return (
    <Card title={t('decision')} note={decision.id} class="verdict">
      <div class="split">
        <p class="won">
          <span class={`chip ${outcome === 'OFFER' || outcome === 'MESSAGE' ? 'good' : 'accent'}`}>{tCode('outcome', outcome)}</span>{' '}
          <b>{won || tCode('out', outcome)}</b>
        </p>
        <Recompute id={decision.id ?? ''} />
      </div>
      {t('sentencesIn') !== '' && <p class="note">{t('sentencesIn')}</p>}
      <ul class="sentences" lang="en">
        {sentences.map((it) => (
          <li key={it}>{it}</li>
        ))}
      </ul>
      <Facts decision={decision} />
      <p>
        <a href={linkTo('customers', decision.profileId)}>← {t('timeline')}</a>
      </p>
    </Card>
  );
}

const outcomeOf = ({ outcome = '' }: Decision): string => outcome.replace('DECISION_OUTCOME_', '');

function Facts({ decision }: { readonly decision: Decision }) {
  const { campaign = '', nowMs, holdoutPlace = 0, holdoutShare = 0, propensity = 0, explored = false, purpose = '' } = decision;
  const facts: readonly (readonly [string, string])[] = [
    [t('campaign'), campaign],
    [t('purpose'), purpose],
    [t('decidedAt'), dateTime(Number(nowMs ?? 0))],
    [t('holdout'), holdoutShare === 0 ? t('noHoldout') : t('holdoutOf', { place: number(holdoutPlace, 3), share: number(holdoutShare, 3) })],
    [t('chance'), number(propensity, 3)],
    [t('explored'), explored ? t('yes') : t('no')],
    [t('segments'), (decision.segments ?? []).join(', ') || t('noSegments')],
    [t('versions'), t('versionsAre', { configuration: decision.configurationVersion?.slice(0, 8) ?? '', runtime: decision.runtimeVersion ?? '' })],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class="num">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

type Again = 'not asked' | 'asking' | 'identical' | 'different' | { readonly fault: string };

function Recompute({ id }: { readonly id: string }) {
  const [again, setAgain] = useState<Again>('not asked');
  useEffect(() => setAgain('not asked'), [id]);
  const ask = async (): Promise<void> => {
    setAgain('asking');
    setAgain(
      await explainDecision(id).then(
        ({ identical }): Again => (identical === true ? 'identical' : 'different'),
        (fault: unknown): Again => ({ fault: fault instanceof Error ? fault.message : String(fault) }),
      ),
    );
  };
  return (
    <div class="recompute">
      <button type="button" class="primary" disabled={again === 'asking'} onClick={ask}>
        {again === 'asking' ? t('recomputing') : t('recompute')}
      </button>
      <span role="status">
        {again === 'identical' && (
          <>
            <b class="chip good">= {t('identical')}</b> <span class="note">{t('identicalMeans')}</span>
          </>
        )}
        {again === 'different' && (
          <>
            <b class="chip bad">≠ {t('different')}</b> <span class="note">{t('differentMeans')}</span>
          </>
        )}
        {typeof again === 'object' && <span class="fault">{t('failed', { message: again.fault })}</span>}
      </span>
    </div>
  );
}

function Candidates({ decision }: { readonly decision: Decision }) {
  const { candidates = [], offer } = decision;
  const drawn = candidates.reduce((sum, { probability = 0 }) => sum + probability, 0);
  return (
    <Card title={t('candidates')} note={candidates.length === 0 ? undefined : t('formula')}>
      {candidates.length === 0 ? (
        <p class="note pad">
          {t('noCandidates')} {unweighed(outcomeOf(decision))}
        </p>
      ) : (
        <div class="scroll">
          <table class="cards">
            <thead>
              <tr>
                <th scope="col">{t('offer')}</th>
                <th scope="col">{t('value')}</th>
                <th scope="col">× {t('propensity')}</th>
                <th scope="col">− {t('cost')}</th>
                <th scope="col">= {t('score')}</th>
                <th scope="col">{t('drawn')}</th>
              </tr>
            </thead>
            <tbody>
              {candidates.map((it) => (
                <CandidateRow key={it.offer} it={it} won={it.offer === offer && offer !== ''} />
              ))}
              <DoNothing probability={Math.max(0, 1 - drawn)} won={outcomeOf(decision) === 'NOTHING'} />
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

/** Why no offer was looked at; empty where the outcome does not say. */
function unweighed(outcome: string): string {
  const words = tCode('unweighed', outcome);
  return words === outcome ? '' : words;
}

/** What the offers had to be better than: without it their chances do not add up to one. */
const DoNothing = ({ probability, won }: { readonly probability: number; readonly won: boolean }) => (
  <tr class={won ? 'winner' : ''}>
    <th scope="row">
      {t('doNothing')} {won && <span class="chip good">{t('won')}</span>}
      <span class="note block">{t('doNothingMeans')}</span>
    </th>
    <td data-label={t('value')}>–</td>
    <td data-label={`× ${t('propensity')}`}>–</td>
    <td data-label={`− ${t('cost')}`}>–</td>
    <td data-label={`= ${t('score')}`}>
      <b>{money(0)}</b>
    </td>
    <td data-label={t('drawn')}>{percent(probability, 1)}</td>
  </tr>
);

function CandidateRow({ it, won }: { readonly it: Candidate; readonly won: boolean }) {
  const { offer = '', eligible = false, exclusions = [], valueMinor, costMinor, propensity = 0, score = 0, probability = 0 } = it;
  return (
    <tr class={won ? 'winner' : eligible ? '' : 'out'}>
      <th scope="row">
        {offer} {won && <span class="chip good">{t('won')}</span>}
        {exclusions.map(({ reason = '', detail = '' }) => (
          <span class="note block" key={`${reason} ${detail}`}>
            {t('excluded', { why: `${coded(reason)}${detail === '' ? '' : ` (${detail})`}` })}
          </span>
        ))}
      </th>
      <td data-label={t('value')}>{money(Number(valueMinor ?? 0))}</td>
      <td data-label={`× ${t('propensity')}`}>{number(propensity, 3)}</td>
      <td data-label={`− ${t('cost')}`}>{money(Number(costMinor ?? 0))}</td>
      <td data-label={`= ${t('score')}`}>
        <b>{eligible ? money(score) : '–'}</b>
      </td>
      <td data-label={t('drawn')}>{percent(probability, 1)}</td>
    </tr>
  );
}

function ValuesRead({ decision: { values = [], nowMs, purpose = '' } }: { readonly decision: Decision }) {
  return (
    <Card title={t('valuesRead')} note={`${t('purpose')} ${purpose}`}>
      <dl class="values two">
        {values.map((it) => (
          <div key={it.name}>
            <ValueName
              name={it.name ?? ''}
              isTrait={it.name?.startsWith('traits.') ?? false}
              invented={Number(it.eventTimeMs ?? 0) > 0 && Number(it.eventTimeMs) < (status.value?.replay?.toMs ?? 0)}
            />
            <dd>
              <span class="num">
                <ValueOrWhy it={it} purpose={purpose} />
              </span>
              {Number(it.eventTimeMs ?? 0) > 0 && <span class="note age">{ago(Number(it.eventTimeMs), Number(nowMs ?? 0))}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
