/** Time moves on in so many steps a half-life: a read is at most a step, 4.4 %, behind. */
export const STEPS_PER_HALF_LIFE = 16;

const DAY_MS = 86_400_000;

/** The step of a moment: the same for all that decays with that half-life, so that what decays together keeps its proportions. */
export const stepOf = (atMs: number, halfLifeMs = DAY_MS): number => Math.floor((atMs * STEPS_PER_HALF_LIFE) / halfLifeMs);

/** The first millisecond of a step. */
export const startOfStep = (step: number, halfLifeMs = DAY_MS): number => Math.ceil((step * halfLifeMs) / STEPS_PER_HALF_LIFE);

/** 2^(−i/16) for i from 0 to 15, made of square roots only: these are the same on every machine, powers need not be. */
const parts: readonly number[] = Array.from({ length: STEPS_PER_HALF_LIFE }, (_, i) => {
  const half = Math.sqrt(0.5);
  const quarter = Math.sqrt(half);
  const eighth = Math.sqrt(quarter);
  const sixteenth = Math.sqrt(eighth);
  return (i & 8 ? half : 1) * (i & 4 ? quarter : 1) * (i & 2 ? eighth : 1) * (i & 1 ? sixteenth : 1);
});

/** What is left of 1 after so many steps, at least 0. */
export const leftAfter = (steps: number): number => (parts[steps % STEPS_PER_HALF_LIFE] ?? 1) * 2 ** -Math.floor(steps / STEPS_PER_HALF_LIFE);
