import { useEffect, useState } from 'preact/hooks';
import { getSegmentSize, listSegmentMembers, listSegments, type SegmentStanding } from './api.ts';
import { number } from './format.ts';
import { useRead } from './hooks.ts';
import { linkTo } from './route.ts';
import { Card, Empty, Waiting } from './said.tsx';
import { SizeChart } from './size-chart.tsx';
import { t } from './words.ts';

const REFRESH_MS = 2_000;

/** How many are in each segment; of one how many were, and who is. */
export function Segments({ id }: { readonly id: string }) {
  const { data, fault } = useRead('segments', listSegments, REFRESH_MS);
  const segments = data?.segments ?? [];
  const open = segments.find(({ name }) => name === id);
  return (
    <div class="column">
      <Card title={t('segments')} note={segments.some(({ recomputing }) => recomputing === true) ? t('redefining') : undefined}>
        {data === undefined ? (
          <Waiting fault={fault} />
        ) : segments.length === 0 ? (
          <Empty what={t('noSegmentsYet')} teach={t('noSegmentsTeach')} />
        ) : (
          <SegmentTable segments={segments} open={id} />
        )}
      </Card>
      {open !== undefined && <OneSegment segment={open} key={id} />}
    </div>
  );
}

function SegmentTable({ segments, open }: { readonly segments: readonly SegmentStanding[]; readonly open: string }) {
  return (
    <div class="scroll offers">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">{t('segment')}</th>
            <th scope="col">{t('size')}</th>
            <th scope="col">{t('usedFor')}</th>
            <th scope="col">{t('rule')}</th>
          </tr>
        </thead>
        <tbody>
          {segments.map(({ name = '', size, purposes = [], condition }) => (
            <tr key={name}>
              <th scope="row">
                <a href={linkTo('segments', name)} aria-current={name === open ? 'true' : undefined}>
                  {name}
                </a>
              </th>
              <td data-label={t('size')}>{number(Number(size ?? 0))}</td>
              <td data-label={t('usedFor')}>{purposes.join(', ')}</td>
              <td data-label={t('rule')}>
                <code>{condition}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function OneSegment({ segment: { name = '', purposes = [] } }: { readonly segment: SegmentStanding }) {
  const { data, fault } = useRead(`size ${name}`, () => getSegmentSize(name), REFRESH_MS);
  return (
    <Card title={t('segmentNamed', { name })} note={t('sizeOverTime')}>
      {data === undefined ? <Waiting fault={fault} /> : <SizeChart name={name} sizes={data.sizes ?? []} spanMs={Number(data.spanMs ?? 0)} />}
      <Members name={name} purposes={purposes} />
    </Card>
  );
}

function Members({ name, purposes }: { readonly name: string; readonly purposes: readonly string[] }) {
  const [purpose, setPurpose] = useState(purposes[0] ?? '');
  const { found, withheld, isMore, fault, more } = useMembers(name, purpose);
  if (purpose === '') return <p class="note pad">{t('noPurpose')}</p>;
  return (
    <>
      <fieldset class="filters">
        <legend>{t('members')}</legend>
        {purposes.map((it) => (
          <button key={it} type="button" aria-pressed={it === purpose} onClick={() => setPurpose(it)}>
            {it}
          </button>
        ))}
        <span class="note" role="status">
          {t('membersNamed', { n: number(found.length) })} {withheld > 0 && t('membersWithheld', { n: number(withheld), purpose })}
        </span>
      </fieldset>
      {fault !== undefined && <Waiting fault={fault} />}
      <ul class="found" aria-label={t('members')}>
        {found.map((profileId) => (
          <li key={profileId}>
            <a href={linkTo('customers', profileId)}>
              <b>{profileId}</b>
            </a>
          </li>
        ))}
      </ul>
      {isMore && (
        <p class="pad">
          <button type="button" onClick={more}>
            {t('moreMembers')}
          </button>
        </p>
      )}
    </>
  );
}

interface Paged {
  readonly found: readonly string[];
  readonly withheld: number;
  /** Of the next page; undefined while one is on its way, empty behind the last. */
  readonly token: string | undefined;
  readonly fault?: string;
}

const nobody: Paged = { found: [], withheld: 0, token: undefined };

/** The members as far as they were paged through; begins again for another segment or purpose. */
function useMembers(segment: string, purpose: string) {
  const [paged, setPaged] = useState<Paged & { readonly of: string }>({ ...nobody, of: '' });
  const of = `${segment} ${purpose}`;
  const here = paged.of === of ? paged : { ...nobody, of };
  const read = async (before: Paged, token: string): Promise<void> => {
    const next = await listSegmentMembers(segment, purpose, token).then(
      ({ members = [], withheld = 0, nextPageToken = '' }): Paged => ({
        found: [...before.found, ...members.map(({ profileId = '' }) => profileId)],
        withheld: before.withheld + withheld,
        token: nextPageToken,
      }),
      (fault: unknown): Paged => ({ ...before, token: '', fault: fault instanceof Error ? fault.message : String(fault) }),
    );
    setPaged({ ...next, of });
  };
  useEffect(() => {
    if (purpose !== '') void read(nobody, '');
  }, [of]);
  const { token } = here;
  return { ...here, isMore: token !== undefined && token !== '', more: () => void (token && read(here, token)) };
}
