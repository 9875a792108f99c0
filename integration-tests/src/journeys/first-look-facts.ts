/** What the pack of the shop's year holds, invoices that are worth nothing left out. */
export const YEAR = { customers: 4_334, orders: 18_437, cancellations: 4_247, events: 31_352 };

/** Customers of the pack: orders and cancellations of the year. */
export const CUSTOMERS: readonly (readonly [id: string, orders: number, cancellations: number])[] = [
  ['14911', 197, 65],
  ['12748', 127, 14],
  ['17850', 121, 3],
  ['13089', 106, 23],
  ['13078', 31, 21],
  ['12346', 11, 4],
  ['13443', 6, 1],
  ['13085', 6, 1],
  ['14309', 2, 0],
  ['17641', 0, 1],
];

/** Customers of the pack with an order above 100 that was cancelled. */
export const LET_DOWN: readonly string[] = ['13085', '15413', '15581'];
