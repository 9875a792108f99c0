/** The exit code of a process that could not stop in order, or that something broke (EX_SOFTWARE of sysexits.h). */
export const EXIT_HARD = 70;

/** How a process stops. */
export interface Stopping {
  stop(): Promise<void>;
  /** How long that may take, in ms. */
  readonly graceMs: number;
  /** Hears why it did not stop in order. */
  complain(why: string): void;
}

/** Stops on the first SIGTERM or SIGINT and ends the process: with 0 where it stopped in order, with 70 where it did not or took longer than `graceMs`. */
export function stopOnSignal({ stop, graceMs, complain }: Stopping): void {
  const endHard = (why: string): never => {
    complain(`${why}; what was acknowledged is safe, the next start goes on from there`);
    process.exit(EXIT_HARD);
  };
  let begun = false;
  const begin = (): void => {
    if (begun) return;
    begun = true;
    setTimeout(() => endHard(`did not stop within ${graceMs} ms`), graceMs);
    stop().then(
      () => process.exit(0), // a client library that still tries to reach its server must not hold the process
      () => endHard('could not stop in order'),
    );
  };
  process.on('SIGTERM', begin);
  process.on('SIGINT', begin);
}
