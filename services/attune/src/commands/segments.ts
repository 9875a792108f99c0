import { FeatureStoreServiceService } from '@attune/contracts/grpc/features/v1/features';
import { type GetSegmentSizeResponse, ListSegmentsResponse, type SegmentStanding } from '@attune/contracts/messages/features/v1/features';
import { type RpcCalls, rpcClient } from '@attune/grpc/client';
import { AttuneError } from '@attune/kernel/errors';
import { Command } from 'commander';
import { columns } from './columns.ts';
import { calledFault, featuresAddress, type Whom, withAddress } from './whom.ts';

interface Asked extends Pick<Whom, 'address'> {
  readonly purpose?: string;
  readonly max: string;
  readonly sizes: boolean;
  readonly json: boolean;
}

type Calls = RpcCalls<typeof FeatureStoreServiceService>;

const CALL_DEADLINE_MS = 30_000;
const PAGE = 500;

/** `attune segments`: the segments of a running Attune with their sizes; of one segment its members for a purpose, or its sizes over time. */
export function segmentsCommand(environment: Readonly<Record<string, string | undefined>>): Command {
  const command = new Command('segments')
    .description('lists the segments with their sizes; of one segment its members, as far as a purpose may know them, or its sizes over time')
    .argument('[segment]', 'of the configuration')
    .option('--purpose <purpose>', 'of the configuration: whose members are named')
    .option('--max <n>', 'name at most so many members', '1000')
    .option('--sizes', 'how many were in it, day by day', false)
    .option('--json', 'lines of JSON', false);
  return withAddress(command).action(async (segment: string | undefined, asked: Asked) => {
    const address = featuresAddress(asked, environment);
    const { calls, close } = rpcClient(address, FeatureStoreServiceService, { deadlineMs: CALL_DEADLINE_MS });
    try {
      for await (const line of linesOf(calls, segment, asked)) console.log(line);
    } catch (fault) {
      throw calledFault(fault, address);
    } finally {
      close();
    }
  });
}

async function* linesOf(calls: Calls, segment: string | undefined, asked: Asked): AsyncGenerator<string> {
  if (segment === undefined) yield* segmentLines(await calls.listSegments({}), asked);
  else if (asked.sizes) yield* sizeLines(await calls.getSegmentSize({ segment }), asked);
  else yield* memberLines(calls, segment, asked);
}

function segmentLines(answer: ListSegmentsResponse, { json }: Asked): readonly string[] {
  if (json) return [JSON.stringify(ListSegmentsResponse.toJSON(answer))];
  const row = ({ name, size, purposes, condition }: SegmentStanding): string[] => [name, String(size), purposes.join(', '), condition];
  return answer.segments.length === 0 ? ['the configuration has no segment'] : columns(['segment', 'size', 'for', 'condition'], answer.segments.map(row));
}

function sizeLines({ segment, sizes, spanMs }: GetSegmentSizeResponse, { json }: Asked): readonly string[] {
  const told = sizes.map(({ fromMs, size }) => ({ from: new Date(Number(fromMs)).toISOString().slice(0, 10), size: Number(size) }));
  if (json) return told.map((one) => JSON.stringify(one));
  const days = Number(spanMs) / DAY_MS;
  const rows = told.map(({ from, size }) => [from, String(size)]);
  return [
    `${segment?.name}: ${segment?.size} now`,
    ...(rows.length === 0 ? [] : columns([days === 1 ? 'day (UTC)' : `${days} days from`, 'size at its end'], rows)),
  ];
}

const DAY_MS = 86_400_000;

/** A name a line, as they come; what is left out is said at the end. */
async function* memberLines(calls: Calls, segment: string, { purpose, max, json }: Asked): AsyncGenerator<string> {
  if (purpose === undefined) throw new AttuneError('REQUEST_INVALID', 'Name what the members are for, by --purpose; or ask for --sizes.');
  if (!/^[1-9]\d{0,8}$/.test(max)) throw new AttuneError('REQUEST_INVALID', `--max: ${max} is no whole number above 0.`);
  let [left, named, withheld] = [Number(max), 0, 0];
  for (let pageToken = ''; ; ) {
    const page = await calls.listSegmentMembers({ segment, purpose, pageSize: Math.min(PAGE, left), pageToken });
    for (const { profileId } of page.members) yield json ? JSON.stringify({ profile_id: profileId }) : profileId;
    named += page.members.length;
    left -= page.members.length;
    withheld += page.withheld;
    pageToken = page.nextPageToken;
    if (pageToken === '' || left <= 0) break;
  }
  if (!json) yield `${named} named${withheld > 0 ? `, ${withheld} left out: they do not allow ${purpose}` : ''}`;
}
