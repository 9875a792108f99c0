/** The exit code of a process that could not stop in order (EX_SOFTWARE of sysexits.h). */
const EXIT_HARD = 70;

/** Stops on the first SIGTERM or SIGINT and ends the process: with 0 where it stopped in order, with 70 where it did not or took longer than `graceMs`. */
export function stopOnSignal(stop: () => Promise<void>, graceMs: number): void {
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

function endHard(why: string): never {
  console.error(`attune: ${why}; what was acknowledged is safe, the next start goes on from there`);
  process.exit(EXIT_HARD);
}
