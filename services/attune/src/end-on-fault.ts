import { lastLine } from './log-line.ts';
import { EXIT_HARD } from './stop-on-signal.ts';

/** Ends the process with 70 when something broke that nobody awaited. Node itself would write the words of the fault, which may be a sender's. */
export function endOnFault(service: string): void {
  process.on('uncaughtException', (fault) => {
    console.error(lastLine(service, fault));
    process.exit(EXIT_HARD);
  });
}
