import type { DialoguePlace, MailServer } from './mail-server.ts';

/** Dialogues that rest at a place. */
export interface HeldDialogue {
  /** Resolves once a dialogue rests there, with its mail where the server has it. */
  readonly reached: Promise<{ readonly mail: string | undefined }>;
  /** Lets them and all later ones go on. */
  readonly release: () => void;
}

/** Which dialogues are held. */
export interface Holding {
  /** So many are let pass first. */
  readonly passing?: number;
  /** Which mails are held, where the server has them; absent = all. */
  readonly held?: (mail: string) => boolean;
}

/** Holds every dialogue that is meant at a place. */
export function holdAt(mail: MailServer, wanted: DialoguePlace, { passing = 0, held = () => true }: Holding = {}): HeldDialogue {
  const [reached, released] = [Promise.withResolvers<{ readonly mail: string | undefined }>(), Promise.withResolvers<void>()];
  let passed = 0;
  mail.onPlace = (place, text) => {
    if (place !== wanted || (text !== undefined && !held(text)) || passed++ < passing) return undefined;
    reached.resolve({ mail: text });
    return released.promise;
  };
  const release = (): void => {
    mail.onPlace = () => undefined;
    released.resolve();
  };
  return { reached: reached.promise, release };
}
