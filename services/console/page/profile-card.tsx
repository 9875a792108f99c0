import { useState } from 'preact/hooks';
import { getProfile, type NamedValue, type Profile } from './api.ts';
import { Sparkline } from './charts.tsx';
import { ago, meaning, number, valueNumber } from './format.ts';
import { useRead } from './hooks.ts';
import { status } from './live-state.ts';
import { Recommendations } from './recommendations.tsx';
import { Card, Waiting } from './said.tsx';
import { ValueOrWhy } from './value-or-why.tsx';
import { WhySegments } from './why.tsx';
import { t } from './words.ts';

const PURPOSES = ['service', 'personalise', 'marketing'] as const;
const REFRESH_MS = 2_000;
const SAMPLES_MAX = 60;
const samples = new Map<string, number[]>();

/** What is known of a customer (empty while the identifier is not known), as the chosen purpose may see it. */
export function ProfileCard({ profileId, customer }: { readonly profileId: string; readonly customer: string }) {
  const [purpose, setPurpose] = useState<string>('personalise');
  const { data, fault } = useRead(`${profileId} ${purpose}`, async () => sampled(profileId, await getProfile(profileId, purpose)), REFRESH_MS);
  const purposes = data?.consent === undefined ? PURPOSES : Object.keys(data.consent);
  return (
    <Card title={t('customer', { id: customer || profileId.slice(0, 8) })} note={data && standing(data)}>
      <fieldset class="filters">
        <legend>{t('purpose')}</legend>
        {purposes.map((it) => (
          <button key={it} type="button" aria-pressed={it === purpose} onClick={() => setPurpose(it)}>
            {it}
          </button>
        ))}
        <span class="note">{t('purposeTeach')}</span>
      </fieldset>
      {data === undefined ? <Waiting fault={fault} /> : <Known profile={data} purpose={purpose} profileId={profileId} ofDemo={isOfDemo(customer)} />}
    </Card>
  );
}

interface KnownOf {
  readonly profile: Profile;
  readonly purpose: string;
  readonly profileId: string;
  readonly ofDemo: boolean;
}

function Known({ profile, purpose, profileId, ofDemo }: KnownOf) {
  const segments = profile.segments ?? [];
  const nowMs = Number(profile.nowMs ?? 0);
  const rows = (values: readonly NamedValue[] = [], isTrait = false) =>
    values.map((it) => <ValueRow key={it.name} it={it} purpose={purpose} nowMs={nowMs} profileId={profileId} isTrait={isTrait} ofDemo={ofDemo} />);
  return (
    <>
      <div class="chips">
        <h3>{t('consent')}</h3>
        {Object.entries(profile.consent ?? {}).map(([name, allowed]) => (
          <span key={name} class={`chip ${allowed ? 'good' : 'bad'}`}>
            <span aria-hidden="true">{allowed ? '✓' : '✗'}</span> {name} <span class="unseen">{allowed ? t('allowed') : t('denied')}</span>{' '}
            {ofDemo && isMadeUp(`consent.${name}`) && <MadeUp />}
          </span>
        ))}
      </div>
      <div class="chips">
        <h3>{t('segments')}</h3>
        {segments.length === 0 && <span class="note">{t('noSegments')}</span>}
      </div>
      <WhySegments names={namesOf(segments)} inside={segments} profileId={profileId} purpose={purpose} />
      <div class="known">
        <div>
          <h3>{t('features')}</h3>
          <dl class="values">{rows(profile.features)}</dl>
        </div>
        <div>
          <h3>{t('traits')}</h3>
          <dl class="values">{rows(profile.traits, true)}</dl>
        </div>
      </div>
      {status.value?.recommenders?.map((it) => (
        <Recommendations key={it} recommender={it} profileId={profileId} purpose={purpose} />
      ))}
    </>
  );
}

/** All of the shop, those that the customer is in first. */
const namesOf = (inside: readonly string[]): readonly string[] => [...new Set([...inside, ...Object.keys(status.value?.rules ?? {})])];

interface ValueOf {
  readonly it: NamedValue;
  readonly purpose: string;
  readonly nowMs: number;
  readonly profileId: string;
  readonly isTrait?: boolean;
  readonly ofDemo: boolean;
}

function ValueRow({ it, purpose, nowMs, profileId, isTrait = false, ofDemo }: ValueOf) {
  const atMs = Number(it.eventTimeMs ?? 0);
  return (
    <div>
      <ValueName name={it.name ?? ''} isTrait={isTrait} invented={ofDemo && it.status !== 'VALUE_STATUS_MISSING'} />
      <dd>
        <Sparkline samples={samples.get(`${profileId} ${it.name}`) ?? []} />
        <span class="num">
          <ValueOrWhy it={it} purpose={purpose} />
        </span>
        {atMs > 0 && <span class="note age">{ago(atMs, nowMs)}</span>}
      </dd>
    </div>
  );
}

/** The name of a feature or trait, what it is worked out from, and whether its value is invented: `invented` says that it comes from the demo. */
export function ValueName({ name, isTrait, invented }: { readonly name: string; readonly isTrait: boolean; readonly invented: boolean }) {
  const plain = name.replace(/^traits\./, '');
  const means = isTrait ? '' : meaning(name);
  return (
    <dt>
      {plain} {isTrait && invented && isMadeUp(plain) && <MadeUp />}
      {means !== '' && <span class="note block">{means}</span>}
    </dt>
  );
}

/** True for a customer of the replayed history, whose missing attributes were invented; those who came by themselves are real. */
export const isOfDemo = (customer: string): boolean => status.value?.madeUpOf !== undefined && new RegExp(status.value.madeUpOf).test(customer);

const isMadeUp = (name: string): boolean => status.value?.madeUp.some((made) => made.replace(/^traits\./, '') === name) ?? false;

const MadeUp = () => (
  <span class="badge" title={t('madeUpMeans')}>
    {t('madeUp')}
  </span>
);

const standing = ({ events, position }: Profile): string =>
  t('profileAt', { events: number(Number(events ?? 0)), position: `${position?.topic ?? ''}/${position?.partition ?? 0}@${position?.offset ?? 0}` });

/** Notes what the page has seen of each feature while it is open. */
function sampled(profileId: string, profile: Profile): Profile {
  for (const it of profile.features ?? []) {
    const value = valueNumber(it);
    if (value === undefined) continue;
    const key = `${profileId} ${it.name}`;
    samples.set(key, [...(samples.get(key) ?? []), value].slice(-SAMPLES_MAX));
  }
  return profile;
}
