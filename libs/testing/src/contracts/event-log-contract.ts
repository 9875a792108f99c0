import { afterEach, beforeEach, describe } from 'vitest';
import { appendingCases } from './event-log-appending.ts';
import { compactingCases } from './event-log-compacting.ts';
import { consumingCases } from './event-log-consuming.ts';
import { sharingCases } from './event-log-sharing.ts';
import type { LogSubject, OpenSubject } from './event-log-subject.ts';

export type { LogSubject, OpenSubject } from './event-log-subject.ts';

/** What every EventLog promises, as tests. `reopens` says that `open` gives a way to come back to the same records. */
export function eventLogContract(name: string, open: OpenSubject, { reopens }: { readonly reopens: boolean }): void {
  describe(`the event log on ${name}`, () => {
    let subject: LogSubject;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(async () => {
      await subject.log.close();
    });
    const current = (): LogSubject => subject;
    appendingCases(current, reopens);
    compactingCases(current);
    consumingCases(current, reopens);
    sharingCases(current);
  });
}
