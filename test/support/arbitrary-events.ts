import fc from 'fast-check';
import { EventBatch, EventKind, type EventPayload, guessInstrument, Universe } from '../../src/model/index.ts';

export interface PlainEvent {
  readonly kind: EventKind;
  readonly symbol: number;
  readonly source: number;
  readonly tsEventUs: number;
  readonly tsRecvUs: number;
  readonly numbers: readonly number[];
  readonly exchange: number;
  readonly conditions: number;
  readonly id: number | string | undefined;
  readonly payload: EventPayload | undefined;
}

const NUMBERS: Readonly<Record<number, number>> = { 1: 2, 2: 4, 3: 8, 4: 2, 5: 2 };

/** A universe with a few entries in every table. */
export function smallUniverse(): Universe {
  const universe = new Universe();
  for (const symbol of ['AAPL', 'BTCUSD', 'EURUSD']) universe.add(guessInstrument(symbol));
  for (const text of ['demo', 'binance']) universe.sources.intern(text);
  for (const text of ['N', 'Q', 'binance']) universe.exchanges.intern(text);
  for (const text of ['@,T', '20002000', 'buyerMaker']) universe.conditions.intern(text);
  return universe;
}

const price = fc.oneof(
  fc.integer({ min: 1, max: 10_000_000 }).map((cents) => cents / 100),
  fc.integer({ min: 1, max: 1_000_000_000 }).map((points) => points / 100_000),
  fc.double({ noNaN: false }),
);
const micros = fc.oneof(
  fc.integer({ min: 1_700_000_000_000_000, max: 1_700_000_500_000_000 }),
  fc.constantFrom(0, Number.NaN, -5, 4_102_444_800_000_000),
);
const payload: fc.Arbitrary<EventPayload> = fc.oneof(
  fc.record({
    type: fc.constant('status' as const),
    state: fc.constantFrom('connected' as const, 'halted' as const),
    reason: fc.string(),
  }),
  fc.record({
    type: fc.constant('gap' as const),
    fromUs: fc.integer(),
    toUs: fc.oneof(fc.integer(), fc.constant(Number.POSITIVE_INFINITY)),
    state: fc.constant('missing' as const),
    cause: fc.string(),
  }),
  fc.record({
    type: fc.constant('malformed' as const),
    reason: fc.constant('bad-row'),
    detail: fc.string(),
    raw: fc.string({ unit: 'binary' }),
  }),
);

export const plainEvent: fc.Arbitrary<PlainEvent> = fc
  .constantFrom(1, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 12)
  .chain((kind) =>
    fc.record({
      kind: fc.constant(kind as EventKind),
      symbol: fc.integer({ min: -1, max: 2 }),
      source: fc.integer({ min: 0, max: 2 }),
      tsEventUs: micros,
      tsRecvUs: micros,
      numbers: fc.array(price, { minLength: NUMBERS[kind] ?? 0, maxLength: NUMBERS[kind] ?? 0 }),
      exchange: fc.integer({ min: 0, max: 3 }),
      conditions: fc.integer({ min: 0, max: 3 }),
      id: fc.oneof(
        fc.constant(undefined),
        fc.maxSafeNat(),
        fc.string({ minLength: 1 }).map((text) => `t${text}`),
      ),
      payload: kind >= 6 && kind !== EventKind.Tick ? payload : fc.constant(undefined),
    }),
  );

export function fillBatch(batch: EventBatch, events: readonly PlainEvent[]): EventBatch {
  batch.clear();
  for (const event of events) {
    const row = batch.begin(event.kind, event.symbol, event.source, event.tsEventUs, event.tsRecvUs);
    const columns = [batch.p0, batch.p1, batch.p2, batch.p3, batch.p4, batch.p5, batch.p6, batch.p7];
    event.numbers.forEach((value, n) => {
      (columns[n] as Float64Array)[row] = value;
    });
    batch.exchange[row] = event.exchange;
    batch.conditions[row] = event.conditions;
    if (event.id !== undefined) batch.setId(row, event.id);
    if (event.payload !== undefined) batch.payload[row] = event.payload;
  }
  return batch;
}

export function batchOf(events: readonly PlainEvent[]): EventBatch {
  return fillBatch(new EventBatch(Math.max(1, events.length)), events);
}

/** A row as a plain object, comparable with `toEqual`; ids as text. */
export function plainRow(batch: EventBatch, row: number): unknown {
  const kind = batch.kind[row] as EventKind;
  const columns = [batch.p0, batch.p1, batch.p2, batch.p3, batch.p4, batch.p5, batch.p6, batch.p7];
  return {
    kind,
    symbol: batch.symbol[row],
    source: batch.source[row],
    tsEventUs: batch.tsEventUs[row],
    tsRecvUs: batch.tsRecvUs[row],
    numbers: columns.slice(0, NUMBERS[kind] ?? 0).map((column) => column[row]),
    exchange: batch.exchange[row],
    conditions: batch.conditions[row],
    id: batch.idOf(row),
    payload: batch.payload[row],
  };
}

export function plainOf(event: PlainEvent): unknown {
  return { ...event, numbers: [...event.numbers], id: event.id === undefined ? undefined : String(event.id) };
}
