import { isDeepStrictEqual } from 'node:util';

/** A pure call: what is called, and how its arguments are made; they are made afresh for each run, so that an edited one cannot hide. */
export interface SealedCall<A extends unknown[], R> {
  readonly call: (...given: A) => R;
  readonly given: () => [...A];
  /** Index of the one argument that the call may edit (the state given to `step`); the others are frozen. */
  readonly mayEdit?: number;
}

const FORBIDDEN = ['Date', 'performance', 'crypto', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'] as const;

/**
 * Runs a call cut off from clock, chance, timers and network, its arguments frozen deep, twice, and returns the answer.
 * Throws an Error that names the culprit when the call touches one of them, edits an argument, or answers differently the second time.
 */
export function sealed<A extends unknown[], R>({ call, given, mayEdit }: SealedCall<A, R>): R {
  const run = (): R => {
    const args = given();
    const kept = args.filter((_, i) => i !== mayEdit);
    const before = structuredClone(kept);
    kept.forEach(deepFreeze);
    const answer = withoutWorld(() => call(...args));
    // Bytes and maps cannot be frozen, so they are compared.
    if (!isDeepStrictEqual(kept, before)) throw new Error('sealed: an argument was edited');
    return answer;
  };
  const [first, second] = [run(), run()];
  if (!isDeepStrictEqual(first, second)) throw new Error('sealed: the second run answers differently');
  return first;
}

function withoutWorld<R>(run: () => R): R {
  const places: [object, string][] = [...FORBIDDEN.map((name): [object, string] => [globalThis, name]), [Math, 'random']];
  const kept = places.map(([owner, name]) => Object.getOwnPropertyDescriptor(owner, name));
  for (const [owner, name] of places)
    Object.defineProperty(owner, name, { configurable: true, writable: true, value: stub(owner === Math ? 'Math.random' : name) });
  try {
    return run();
  } finally {
    places.forEach(([owner, name], i) => {
      const descriptor = kept[i];
      if (descriptor) Object.defineProperty(owner, name, descriptor);
    });
  }
}

function stub(name: string): unknown {
  const refuse = (): never => {
    throw new Error(`sealed: pure code touched ${name}`);
  };
  return new Proxy(refuse, { apply: refuse, construct: refuse, get: refuse });
}

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(deepFreeze);
}
