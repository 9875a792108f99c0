/** The chance of a standard normal number above `x`: a Taylor series about 0 (Marsaglia, Evaluating the normal distribution, J. Stat. Software 11(4), 2004); within 1e-15 up to 7, 0 beyond 8. */
export function normalTail(x: number): number {
  if (x < 0) return 1 - normalTail(-x);
  if (x > BEYOND) return 0;
  let [sum, before, term, i] = [x, 0, x, 1];
  while (sum !== before) {
    i += 2;
    term *= (x * x) / i;
    before = sum;
    sum += term;
  }
  return Math.max(0, 0.5 - sum * density(x));
}

/** The chance of a chi-square number above `x`, by whole degrees of freedom: Abramowitz & Stegun, Handbook of mathematical functions (1964), 26.4.4 and 26.4.5. */
export function chiSquareTail(x: number, degrees: number): number {
  if (x <= 0) return 1;
  const root = Math.sqrt(x);
  const odd = degrees % 2 === 1;
  let term = odd ? root : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= x / k;
    sum += term;
  }
  return Math.min(1, odd ? 2 * normalTail(root) + 2 * density(root) * sum : Math.exp(-x / 2) * sum);
}

const BEYOND = 8;
const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
