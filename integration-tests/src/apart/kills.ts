import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog } from '@attune/event-log/port';
import type { SeededRandom } from '@attune/kernel/random';
import type { FourServices } from './four-services.ts';
import { recordsIn } from './log-facts.ts';
import { DIALOGUE_PLACES, type DialoguePlace, type MailServer } from './mail-server.ts';
import { within } from './patience.ts';
import type { ServiceProcess } from './service-process.ts';

/** A kill of notification: where in the dialogue, and the mail where the server had it. */
export interface KillInDialogue {
  readonly place: DialoguePlace;
  readonly mail: string | undefined;
}

/** How a run of kills goes. */
export interface Killing {
  readonly four: FourServices;
  readonly chance: SeededRandom;
  readonly kills: number;
  /** For how long it may go on, in ms. */
  readonly ms: number;
}

const CHANGES = 'attune.profiles.v1';
/** Long enough after a start that those who call the feature store reach it now and then. */
const [UP_MS_MIN, UP_MS_MAX] = [400, 1_400];
const FOLDING_MS_MAX = 20_000;
/** What a dead one kept goes to the next after ATTUNE_KAFKA_SESSION_TIMEOUT, and the feature store must be up. */
const MAIL_MS_MAX = 25_000;

/** Kills feature-store at chance moments, each after it has folded something since its last start. @throws Error when it folds nothing in time */
export async function killInMidStream({ four, chance, kills, ms }: Killing, log: EventLog): Promise<void> {
  const service = four.services['feature-store'];
  const over = deadline(ms);
  for (let killed = 0; killed < kills; killed++) {
    over(`${killed} of ${kills} kills in mid-stream`);
    const changes = await recordsIn(log, CHANGES);
    const patience = { what: `feature-store folds again after ${killed} kills`, ms: FOLDING_MS_MAX };
    await within(
      patience,
      () => recordsIn(log, CHANGES),
      (now) => now > changes,
    );
    await sleep(UP_MS_MIN + chance() * (UP_MS_MAX - UP_MS_MIN));
    await service.end('SIGKILL');
    await service.start();
  }
}

/** Kills notification at each place of the dialogue equally often, each time after some mails that chance lets pass. @throws Error when no mail comes that far in time */
export async function killInDialogue({ four, chance, kills, ms }: Killing, mail: MailServer): Promise<readonly KillInDialogue[]> {
  const service = four.services.notification;
  const done: KillInDialogue[] = [];
  const over = deadline(ms);
  while (done.length < kills) {
    over(`${done.length} of ${kills} kills in the dialogue`);
    const place = DIALOGUE_PLACES[done.length % DIALOGUE_PLACES.length] ?? 'data';
    const { reached, release } = holdAt(mail, place, Math.floor(chance() * 2));
    const found = await Promise.race([reached, sleep(MAIL_MS_MAX)]);
    if (found === undefined) throw new Error(await standing(service, `no mail came to ${place} after ${done.length} kills, ${mail.mails.length} mails before`));
    await service.end('SIGKILL');
    release();
    done.push({ place, mail: found.mail });
    await service.start();
  }
  return done;
}

/** A check that throws once the time is over, with what was reached. */
function deadline(ms: number): (reached: string) => void {
  const untilMs = performance.now() + ms;
  return (reached) => {
    if (performance.now() > untilMs) throw new Error(`only ${reached} within ${ms} ms`);
  };
}

/** Holds every dialogue at a place, once so many have passed it. */
function holdAt(mail: MailServer, wanted: DialoguePlace, passing: number) {
  const [reached, released] = [Promise.withResolvers<{ readonly mail: string | undefined }>(), Promise.withResolvers<void>()];
  let passed = 0;
  mail.onPlace = (place, text) => {
    if (place !== wanted || passed++ < passing) return undefined;
    reached.resolve({ mail: text });
    return released.promise;
  };
  const release = (): void => {
    mail.onPlace = () => undefined;
    released.resolve();
  };
  return { reached: reached.promise, release };
}

/** A fault's words with what the service says of itself. */
async function standing({ address, name, said }: ServiceProcess, what: string): Promise<string> {
  const answer = await fetch(`${address}/readyz`).then((response) => response.text(), String);
  return `${what} within ${MAIL_MS_MAX} ms; ${name}: ${answer} ${said.slice(-1_000)}`;
}
