import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import { AttuneError } from '@attune/kernel/errors';

/** One product of an invoice; pieces, and pounds a piece. Both are positive or zero, in cancellations too. */
export interface DemoLine {
  readonly sku: string;
  readonly description: string;
  readonly quantity: number;
  readonly price: number;
}

/** An invoice of the real shop. */
export interface DemoOrder {
  /** Its number; that of a cancellation begins with C. The data do not say which order a cancellation belongs to. */
  readonly invoice: string;
  readonly customer: string;
  /** The shop's wall clock in London read as UTC, to the minute; in ms since 1970. So a summer's order is told one hour late, and its weekday is right. */
  readonly atMs: number;
  readonly kind: 'order' | 'cancellation';
  readonly lines: readonly DemoLine[];
  /** Pounds, in whole pence; of a cancellation: what was given back, positive. */
  readonly total: number;
  readonly country: string;
}

/** Reads the packed year, in order of time. @throws AttuneError INTERNAL where the file is not such a pack */
export function readOnlineRetail(file: string): readonly DemoOrder[] {
  try {
    return unpackOnlineRetail(brotliDecompressSync(readFileSync(file)).toString('utf8'));
  } catch (fault) {
    throw new AttuneError('INTERNAL', `The orders of the demo cannot be read from ${file}.`, fault);
  }
}

/** The orders of an unpacked text, as examples/gift-barn/data/README.md describes it. @throws Error where it is another format */
export function unpackOnlineRetail(text: string): readonly DemoOrder[] {
  const pack = JSON.parse(text) as Pack;
  if (pack.format !== 'online-retail 1') throw new Error('another format');
  const linesOf = lineReader(pack);
  let [number, minute] = [0, 0];
  return pack.invoice.map((step, i) => {
    number += step;
    minute += at(pack.minute, i);
    const cancelled = at(pack.cancelled, i) === 1;
    const lines = linesOf(at(pack.lines, i));
    return {
      invoice: `${cancelled ? 'C' : ''}${number}`,
      customer: at(pack.customers, at(pack.customer, i)),
      atMs: minute * 60_000,
      kind: cancelled ? 'cancellation' : 'order',
      lines,
      total: totalOf(lines),
      country: at(pack.countries, at(pack.country, i)),
    };
  });
}

interface Pack {
  readonly format: string;
  readonly products: readonly (readonly [sku: string, description: string])[];
  readonly customers: readonly string[];
  readonly countries: readonly string[];
  readonly invoice: readonly number[];
  readonly cancelled: readonly number[];
  readonly minute: readonly number[];
  readonly customer: readonly number[];
  readonly country: readonly number[];
  readonly lines: readonly number[];
  readonly sku: readonly number[];
  readonly quantity: readonly number[];
  readonly price: readonly number[];
}

function at<T>(column: readonly T[], i: number): T {
  const value = column[i];
  if (value === undefined) throw new Error(`a column ends before row ${i}`);
  return value;
}

/** Takes the next `count` lines of the columns at each call. */
function lineReader({ products, sku, quantity, price }: Pack): (count: number) => DemoLine[] {
  const lastPrice: number[] = [];
  let next = 0;
  return (count) => {
    let product = 0;
    return Array.from({ length: count }, () => {
      product += at(sku, next);
      const written = at(price, next);
      const each = written === -1 ? at(lastPrice, product) : written;
      lastPrice[product] = each;
      const [name, description] = at(products, product);
      return { sku: name, description, quantity: Math.abs(at(quantity, next++)), price: each };
    });
  };
}

/** Exact in tenths of a penny, which the smallest price of the data needs, then rounded to pence. */
const totalOf = (lines: readonly DemoLine[]): number =>
  Math.round(lines.reduce((sum, { quantity, price }) => sum + quantity * Math.round(price * 1_000), 0) / 10) / 100;
