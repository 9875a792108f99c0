import { madeUpOf } from './made-up.ts';
import type { DemoLine, DemoOrder } from './online-retail.ts';

/** A call in Segment's shape. */
export interface TrackingCall {
  readonly type: 'identify' | 'track';
  /** Below 32 KiB as JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a customer says yes and no to, by purpose. */
export interface ConsentCall {
  readonly userId: string;
  readonly purposes: Readonly<Record<string, boolean>>;
  /** Names the call, so that a repeat changes nothing. */
  readonly messageId: string;
}

/** Something that happens at `atMs`, in ms since 1970. The body is built when it is asked for: a year of them is large. */
export type DemoEvent =
  | { readonly kind: 'call'; readonly atMs: number; readonly call: () => TrackingCall }
  | { readonly kind: 'consent'; readonly atMs: number; readonly consent: ConsentCall };

/** The year as events, and what was done to make it so. */
export interface DemoEvents {
  /** In order of time; a customer's traits and consent come right before the first order or cancellation. */
  readonly events: readonly DemoEvent[];
  readonly counts: {
    readonly customers: number;
    readonly orders: number;
    readonly cancellations: number;
    /** Invoices that are worth nothing. */
    readonly leftOut: number;
    /** Orders that lost lines so as to fit; their totals are whole. */
    readonly capped: number;
  };
}

/** Turns orders in order of time into events that happen `shiftMs` later. Message ids depend on invoice and customer alone. */
export function eventsOfDemo(orders: readonly DemoOrder[], { shiftMs, currency }: { readonly shiftMs: number; readonly currency: string }): DemoEvents {
  const kept = orders.filter(({ total }) => total > 0);
  const known = new Set<string>();
  const events: DemoEvent[] = [];
  let capped = 0;
  for (const order of kept) {
    const atMs = order.atMs + shiftMs;
    if (!known.has(order.customer)) events.push(...introduction(order, atMs));
    known.add(order.customer);
    const lines = linesThatFit(order);
    if (lines.length < order.lines.length) capped++;
    events.push({ kind: 'call', atMs, call: () => (order.kind === 'order' ? completed({ ...order, lines }, currency, atMs) : cancelled(order, atMs)) });
  }
  const cancellations = kept.filter(({ kind }) => kind === 'cancellation').length;
  return { events, counts: { customers: known.size, orders: kept.length - cancellations, cancellations, leftOut: orders.length - kept.length, capped } };
}

/** As attune.yaml allows. */
const LINES_MAX = 500;
/** Of the 32 KiB of an event, what is left for the lines beside some 300 bytes of the rest. */
const LINES_BYTES_MAX = 31 * 1024;
const SOURCE = 'online-retail';

function introduction({ customer, country }: DemoOrder, atMs: number): DemoEvent[] {
  const { email, name, language, timeZone, marketing } = madeUpOf(customer);
  const traits = { email, name, country, language, time_zone: timeZone };
  const call = (): TrackingCall => ({
    type: 'identify',
    body: { type: 'identify', messageId: `${SOURCE}/${customer}/traits`, userId: customer, timestamp: isoOf(atMs), traits },
  });
  return [
    { kind: 'call', atMs, call },
    { kind: 'consent', atMs, consent: { userId: customer, purposes: { marketing }, messageId: `${SOURCE}/${customer}/consent` } },
  ];
}

const completed = (order: DemoOrder, currency: string, atMs: number): TrackingCall =>
  track('Order Completed', order, atMs, { currency, products: order.lines.map(productOf) });

const cancelled = (order: DemoOrder, atMs: number): TrackingCall => track('Order Cancelled', order, atMs, {});

const track = (event: string, { invoice, customer, total }: DemoOrder, atMs: number, more: object): TrackingCall => ({
  type: 'track',
  body: {
    type: 'track',
    event,
    messageId: `${SOURCE}/${invoice}`,
    userId: customer,
    timestamp: isoOf(atMs),
    properties: { order_id: invoice, total, ...more },
  },
});

const productOf = ({ sku, description, quantity, price }: DemoLine) => ({ product_id: sku, name: description, quantity, price });
const isoOf = (ms: number): string => new Date(ms).toISOString();

/** The first lines, as many as fit into one event. */
function linesThatFit({ lines }: DemoOrder): readonly DemoLine[] {
  let bytes = 0;
  const tooMany = lines.findIndex((line, i) => {
    bytes += Buffer.byteLength(JSON.stringify(productOf(line))) + 1;
    return i >= LINES_MAX || bytes > LINES_BYTES_MAX;
  });
  return tooMany === -1 ? lines : lines.slice(0, tooMany);
}
