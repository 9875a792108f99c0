import { useState } from 'preact/hooks';
import { type ConditionPart, explainSegment, type SegmentExplanation, type Truth } from './api.ts';
import { dateTime, number } from './format.ts';
import { useRead } from './hooks.ts';
import { Waiting } from './said.tsx';
import { ValueOrWhy } from './value-or-why.tsx';
import { t } from './words.ts';

const REFRESH_MS = 2_000;

/** Every segment of the shop: whether the customer is in it by what the purpose may know, and, opened, why or why not. */
export function WhySegments({ names, inside, profileId, purpose }: WhyOf & { readonly names: readonly string[]; readonly inside: readonly string[] }) {
  return (
    <div class="whys">
      {names.map((name) => (
        <WhySegment key={`${name} ${purpose}`} name={name} isIn={inside.includes(name)} profileId={profileId} purpose={purpose} />
      ))}
    </div>
  );
}

interface WhyOf {
  readonly profileId: string;
  readonly purpose: string;
}

function WhySegment({ name, isIn, profileId, purpose }: WhyOf & { readonly name: string; readonly isIn: boolean }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="why" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <span class={`chip ${isIn ? 'accent' : ''}`}>{name}</span> <span class="note">{t(isIn ? 'whyIn' : 'whyNot')}</span>
      </summary>
      {isOpen && <Explained name={name} profileId={profileId} purpose={purpose} />}
    </details>
  );
}

function Explained({ name, profileId, purpose }: WhyOf & { readonly name: string }) {
  const { data, fault } = useRead(`why ${name} ${profileId} ${purpose}`, () => explainSegment(profileId, name, purpose), REFRESH_MS);
  if (data === undefined) return <Waiting fault={fault} />;
  return (
    <>
      <ul class="parts" aria-label={t('whyParts', { name })}>
        {(data.parts ?? []).map((part) => (
          <Part key={`${part.depth ?? 0} ${part.source}`} part={part} purpose={purpose} />
        ))}
      </ul>
      <p class="note">{nextChange(data)}</p>
    </>
  );
}

function nextChange({ changesAtMs, unchangedUntilMs }: SegmentExplanation): string {
  if (changesAtMs !== undefined) return t('changesAt', { date: dateTime(Number(changesAtMs)) });
  return unchangedUntilMs === undefined ? t('changesNever') : t('unchangedUntil', { date: dateTime(Number(unchangedUntilMs)) });
}

const marks: Readonly<Record<Truth, readonly [mark: string, tone: string, word: 'holds' | 'fails' | 'isUnknown']>> = {
  TRUTH_HOLDS: ['✓', 'good', 'holds'],
  TRUTH_FAILS: ['✗', 'bad', 'fails'],
  TRUTH_UNKNOWN: ['?', 'withheld', 'isUnknown'],
};

function Part({ part: { depth = 0, source = '', answer = 'TRUTH_UNKNOWN', values = [], comparison, turnsIf }, purpose }: PartOf) {
  const [mark, tone, word] = marks[answer];
  return (
    <li style={{ paddingInlineStart: `${depth * 1.25}rem` }}>
      <span class={`chip ${tone}`}>
        <span aria-hidden="true">{mark}</span> <span class="unseen">{t(word)}</span>
      </span>{' '}
      <code>{source}</code>
      {values.map((it) => (
        <span key={it.name} class="note block">
          {it.name}: <ValueOrWhy it={it} purpose={purpose} />
        </span>
      ))}
      {answer === 'TRUTH_FAILS' && (comparison?.missesBy ?? 0) > 0 && (
        <span class="note block">{t('missesBy', { n: number(comparison?.missesBy ?? 0, 2) })}</span>
      )}
      {turnsIf !== undefined && turnsIf !== 'TRUTH_UNSPECIFIED' && values.length > 0 && <span class="note block">{t('decidesAlone')}</span>}
    </li>
  );
}

interface PartOf {
  readonly part: ConditionPart;
  readonly purpose: string;
}
