import { type Share, startProfile } from './cpu-profile.ts';

/** What a parent may ask of a child that loads this file first. */
export type Question = 'cpu' | 'profile' | 'shares';

/** What it answers. */
export interface Answer {
  readonly question: Question;
  /** Processor time of the child since its start, in s. */
  readonly cpuS: number;
  readonly shares: readonly Share[];
}

let ending: (() => Promise<readonly Share[]>) | undefined;

async function answer(question: Question): Promise<void> {
  if (question === 'profile') ending = await startProfile();
  const shares = question === 'shares' ? ((await ending?.()) ?? []) : [];
  const { user, system } = process.cpuUsage();
  process.send?.({ question, cpuS: (user + system) / 1e6, shares } satisfies Answer);
}

process.on('message', (question: Question) => void answer(question));
// The parent's questions alone must not keep the child alive.
process.channel?.unref();
