import { setTimeout as sleep } from 'node:timers/promises';

const TICK_MS = 20;

/** Calls `send` with how many are due, so that they come at an even rate while the work goes on; 0 a second = never. Answers what the work does, once the last is sent. */
export async function atRate<T>(perS: number, send: (count: number) => Promise<void>, work: () => Promise<T>): Promise<T> {
  const ending = new AbortController();
  const sending = perS === 0 ? Promise.resolve() : sendUntil(ending.signal, perS, send);
  try {
    return await work();
  } finally {
    ending.abort();
    await sending;
  }
}

async function sendUntil(signal: AbortSignal, perS: number, send: (count: number) => Promise<void>): Promise<void> {
  const startedMs = performance.now();
  let sent = 0;
  while (!signal.aborted) {
    const due = Math.floor(((performance.now() - startedMs) * perS) / 1e3) - sent;
    if (due > 0) await send(due);
    sent += due;
    await sleep(TICK_MS);
  }
}
