// Packs the demo's year of orders. usage: node --conditions=attune-src tools/pack-online-retail.ts <transactions.csv.gz> <products.csv> <out.br>
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { brotliCompressSync, constants, gunzipSync } from 'node:zlib';

/** The year in columns, as examples/gift-barn/data/README.md describes them, and what was kept and left out. */
export interface Packed {
  readonly text: string;
  readonly counts: {
    readonly invoices: number;
    readonly cancellations: number;
    readonly customers: number;
    readonly lines: number;
    readonly linesWithoutCustomer: number;
    readonly absurdLines: number;
  };
}

/** Packs the invoices of identified customers; the same texts give the same pack. Columns by name: invoice sku qty date price customer country, and sku description. @throws Error where a column is missing or an invoice belongs to two customers */
export function packOnlineRetail(transactionsCsv: string, productsCsv: string): Packed {
  const rows = [...rowsOf(transactionsCsv)];
  const identified = rows.filter(({ customer }) => customer !== '');
  const sane = identified.filter(isSane);
  const invoices = invoicesOf(sane);
  const descriptions = new Map([...rowsOf(productsCsv)].map((row) => [row['sku'] ?? '', row['description'] ?? '']));
  const columns = columnsOf(invoices, descriptions);
  return {
    text: JSON.stringify(columns),
    counts: {
      invoices: invoices.length,
      cancellations: invoices.filter(({ id }) => id.startsWith('C')).length,
      customers: columns.customers.length,
      lines: sane.length,
      linesWithoutCustomer: rows.length - identified.length,
      absurdLines: identified.length - sane.length,
    },
  };
}

type Row = Readonly<Record<string, string>>;
interface Line {
  readonly sku: string;
  readonly quantity: number;
  readonly price: number;
}
interface Invoice {
  readonly id: string;
  readonly customer: string;
  readonly country: string;
  minute: number;
  readonly lines: Line[];
}

function* rowsOf(csv: string): Generator<Row> {
  const [head = '', ...lines] = csv.split(/\r?\n/);
  const names = cellsOf(head);
  for (const line of lines) {
    if (line === '') continue;
    const cells = cellsOf(line);
    if (cells.length !== names.length) throw new Error(`a row has ${cells.length} cells instead of ${names.length}: ${line}`);
    yield Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
  }
}

/** The cells of a line; a quoted one may hold commas and doubled quotes. */
const cellsOf = (line: string): string[] =>
  line.includes('"')
    ? [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '')
    : line.split(',');

/** A gift shop sells whole pieces at a finite price. */
function isSane({ qty, price, invoice }: Row): boolean {
  const [quantity, each] = [Number(qty || 'none'), Number(price || 'none')];
  return Number.isSafeInteger(quantity) && quantity !== 0 && Number.isFinite(each) && each >= 0 && /^C?\d+$/.test(invoice ?? '');
}

/** In order of time, then of number; an invoice is as old as its first line. */
function invoicesOf(rows: readonly Row[]): Invoice[] {
  const invoices = new Map<string, Invoice>();
  for (const { invoice: id = '', customer = '', country = '', date, sku = '', qty, price } of rows) {
    const minute = Date.parse(`${date?.replace(' ', 'T')}Z`) / 60_000;
    const invoice = invoices.get(id) ?? { id, customer, country, minute, lines: [] };
    if (invoice.customer !== customer || Number.isNaN(minute)) throw new Error(`invoice ${id} has two customers or no date`);
    invoice.minute = Math.floor(Math.min(invoice.minute, minute));
    invoice.lines.push({ sku, quantity: Number(qty), price: Number(price) });
    invoices.set(id, invoice);
  }
  return [...invoices.values()].toSorted((a, b) => a.minute - b.minute || compare(a.id, b.id));
}

function columnsOf(invoices: readonly Invoice[], descriptions: ReadonlyMap<string, string>) {
  const skus = distinct(invoices.flatMap(({ lines }) => lines.map(({ sku }) => sku)));
  const [customers, countries] = [distinct(invoices.map(({ customer }) => customer)), distinct(invoices.map(({ country }) => country))];
  const [skuAt, customerAt, countryAt] = [placesOf(skus), placesOf(customers), placesOf(countries)];
  const place = ({ sku }: Line): number => skuAt.get(sku) ?? 0;
  const sorted = invoices.map(({ lines }) => lines.toSorted((a, b) => place(a) - place(b)));
  return {
    format: 'online-retail 1',
    products: skus.map((sku) => [sku, descriptions.get(sku) || sku]),
    customers,
    countries,
    invoice: differences(invoices.map(({ id }) => Number(id.replace('C', '')))),
    cancelled: invoices.map(({ id }) => (id.startsWith('C') ? 1 : 0)),
    minute: differences(invoices.map(({ minute }) => minute)),
    customer: invoices.map(({ customer }) => customerAt.get(customer)),
    country: invoices.map(({ country }) => countryAt.get(country)),
    lines: invoices.map(({ lines }) => lines.length),
    sku: sorted.flatMap((lines) => differences(lines.map(place))),
    quantity: sorted.flatMap((lines) => lines.map(({ quantity }) => quantity)),
    price: pricesOf(sorted.flat()),
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const distinct = (values: readonly string[]): string[] => [...new Set(values)].toSorted(compare);
const placesOf = (values: readonly string[]): Map<string, number> => new Map(values.map((value, i) => [value, i]));
const differences = (numbers: readonly number[]): number[] => numbers.map((number, i) => number - (i === 0 ? 0 : (numbers[i - 1] ?? 0)));

/** -1 where the product costs what it cost the time before: most lines. */
function pricesOf(lines: readonly Line[]): number[] {
  const last = new Map<string, number>();
  return lines.map(({ sku, price }) => {
    const same = last.get(sku) === price;
    last.set(sku, price);
    return same ? -1 : price;
  });
}

function main([transactions, products, out]: readonly string[]): void {
  if (transactions === undefined || products === undefined || out === undefined) throw new Error('name the transactions, the products and the file to write');
  const { text, counts } = packOnlineRetail(gunzipSync(readFileSync(transactions)).toString('utf8'), readFileSync(products, 'utf8'));
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = constants;
  const bytes = Buffer.from(text);
  const packed = brotliCompressSync(bytes, { params: { [BROTLI_PARAM_QUALITY]: 11, [BROTLI_PARAM_LGWIN]: 24, [BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  writeFileSync(out, packed);
  console.log({ ...counts, bytes: packed.length });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main(process.argv.slice(2));
