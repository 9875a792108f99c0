import { hash32 } from './hash.ts';

/** A seeded stream of numbers in [0, 1). */
export type SeededRandom = () => number;

/** sfc32 (Doty-Humphrey, PractRand): 32-bit numbers as fractions, seeded by a hash of the text. Same seed, same stream, on every machine. */
export function seededRandom(seed: string): SeededRandom {
  let a = hash32(seed, 1);
  let b = hash32(seed, 2);
  let c = hash32(seed, 3);
  let counter = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}
