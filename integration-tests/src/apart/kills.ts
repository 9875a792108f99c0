import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog } from '@attune/event-log/port';
import type { SeededRandom } from '@attune/kernel/random';
import type { FourServices } from './four-services.ts';
import { holdAt } from './hold-dialogue.ts';
import { recordsIn } from './log-facts.ts';
import { DIALOGUE_PLACES, type DialoguePlace, type MailServer } from './mail-server.ts';
import { within } from './patience.ts';
import type { ServiceProcess } from './service-process.ts';

/** A kill of notification: where in the dialogue, and the mail where the server had it. */
export interface KillInDialogue {
  readonly place: DialoguePlace;
  readonly mail: string | undefined;
}

/** What is killed, and what is looked at. */
export interface Killing {
  readonly four: FourServices;
  readonly mail: MailServer;
  readonly log: EventLog;
  readonly chance: SeededRandom;
  readonly isPromotion: (mail: string) => boolean;
  /** How often each of the two is killed. */
  readonly kills: number;
  /** For how long it may go on, in ms. */
  readonly ms: number;
}

const CHANGES = 'attune.profiles.v1';
const FOLDING_MS_MAX = 25_000;
/** What a dead one kept goes to the next after ATTUNE_KAFKA_SESSION_TIMEOUT. */
const MAIL_MS_MAX = 25_000;
/** Feature-store lives on for so long at most after notification was killed. */
const LATER_MS_MAX = 1_000;

/**
 * Kills notification at each place of the dialogue equally often, each time after some mails that chance lets pass, in every other round of places in that of a promotion where the server knows it, and feature-store up to a second later,
 * each time after it has folded something since its last start; starts each again at once. @throws Error with what was reached, when something takes too long
 */
export async function killBoth({ four, mail, log, chance, isPromotion, kills, ms }: Killing): Promise<readonly KillInDialogue[]> {
  const { notification, 'feature-store': features } = four.services;
  const over = deadline(ms);
  const done: KillInDialogue[] = [];
  while (done.length < kills) {
    over(`${done.length} of ${kills} kills of each`);
    const place = DIALOGUE_PLACES[done.length % DIALOGUE_PLACES.length] ?? 'data';
    // What is no promotion is sent again after a kill, so it comes first: chance alone may never hold anything else.
    const onlyPromotions = Math.floor(done.length / DIALOGUE_PLACES.length) % 2 === 0;
    const { reached, release } = holdAt(mail, place, { passing: Math.floor(chance() * 3), ...(onlyPromotions && { held: isPromotion }) });
    const [found] = await Promise.all([Promise.race([reached, sleep(MAIL_MS_MAX)]), folding(log, done.length)]);
    if (found === undefined)
      throw new Error(await standing(notification, `no mail came to ${place} after ${done.length} kills, ${mail.mails.length} mails before`));
    const first = again(notification, 0, release);
    await Promise.all([first, again(features, chance() * LATER_MS_MAX)]);
    done.push({ place, mail: found.mail });
  }
  return done;
}

/** Resolves once feature-store folds something. */
async function folding(log: EventLog, kills: number): Promise<void> {
  const changes = await recordsIn(log, CHANGES);
  await within(
    { what: `feature-store folds again after ${kills} kills`, ms: FOLDING_MS_MAX },
    () => recordsIn(log, CHANGES),
    (now) => now > changes,
  );
}

async function again(service: ServiceProcess, afterMs: number, onKill?: () => void): Promise<void> {
  await sleep(afterMs);
  await service.end('SIGKILL');
  onKill?.();
  await started(service);
}

/** As an orchestrator does: a start that is refused, because nothing answers in time on a busy machine, is tried again. */
async function started(service: ServiceProcess, tries = 4): Promise<void> {
  try {
    await service.start();
  } catch (fault) {
    if (tries <= 1 || !String(fault).includes('_UNAVAILABLE')) throw fault;
    await started(service, tries - 1);
  }
}

/** A check that throws once the time is over, with what was reached. */
function deadline(ms: number): (reached: string) => void {
  const untilMs = performance.now() + ms;
  return (reached) => {
    if (performance.now() > untilMs) throw new Error(`only ${reached} within ${ms} ms`);
  };
}

/** A fault's words with what the service says of itself. */
async function standing({ address, name, said }: ServiceProcess, what: string): Promise<string> {
  const answer = await fetch(`${address}/readyz`).then((response) => response.text(), String);
  return `${what} within ${MAIL_MS_MAX} ms; ${name}: ${answer} ${said.slice(-1_000)}`;
}
