import type { Micros } from '../base/index.ts';
import { formatMicros } from '../base/index.ts';
import { EVENT_KIND_NAMES, type EventBatch, EventKind, type Universe } from '../model/index.ts';
import { Reject, rejectName } from './reasons.ts';

/** An event that was refused, kept with everything needed to see why. Nothing that came in is dropped silently. */
export interface QuarantineRecord {
  /** Position in the tape where it has one, else a number the keeper gives. */
  readonly id: number;
  /** When it was received. */
  readonly timeUs: Micros;
  readonly source: string;
  /** Empty where the event names no known symbol. */
  readonly symbol: string;
  /** `trade`, `quote`, `bar`, … */
  readonly kind: string;
  /** A name of `REJECT_NAMES`, or the parser's own code for a payload that it could not read (`bad-row`). */
  readonly reason: string;
  /** One sentence: what was found and what is allowed. */
  readonly detail: string;
  /** What came over the wire; where the producer no longer has it, the row's columns as JSON. */
  readonly raw: string;
}

/**
 * The quarantine record of a refused row.
 * @param verdict the negative verdict of the quality gate; for a `Malformed` row it is not looked at
 */
export function quarantineRecord(
  batch: EventBatch,
  row: number,
  verdict: number,
  id: number,
  universe: Universe,
): QuarantineRecord {
  const symbol = batch.symbol[row] as number;
  const kind = batch.kind[row] as EventKind;
  const payload = batch.payload[row];
  const head = {
    id,
    timeUs: batch.tsRecvUs[row] as number,
    source: universe.sources.text(batch.source[row] as number),
    symbol: symbol < 0 ? '' : universe.symbol(symbol),
    kind: EVENT_KIND_NAMES[kind],
  };
  if (payload?.type === 'malformed') {
    return { ...head, reason: payload.reason, detail: payload.detail, raw: payload.raw };
  }
  return {
    ...head,
    reason: rejectName(verdict),
    detail: rejectDetail(batch, row, verdict),
    raw: batch.rawOf?.(row) ?? columnsOf(batch, row),
  };
}

/** One sentence on why a row was refused. */
function rejectDetail(batch: EventBatch, row: number, verdict: number): string {
  const p0 = batch.p0[row] as number;
  const p1 = batch.p1[row] as number;
  const p2 = batch.p2[row] as number;
  const p3 = batch.p3[row] as number;
  const kind = batch.kind[row];
  switch (verdict) {
    case Reject.UnknownSymbol:
      return 'The symbol is not among the configured ones.';
    case Reject.TimeMissing:
      return 'The event has no time in whole microseconds.';
    case Reject.TimeTooEarly:
      return `The event time ${time(batch.tsEventUs[row] as number)} lies before the earliest one allowed.`;
    case Reject.TimeInFuture:
      return `The event time ${time(batch.tsEventUs[row] as number)} lies after the receive time ${time(batch.tsRecvUs[row] as number)} by more than clocks may differ.`;
    case Reject.PriceNotFinite:
      return `A price is missing or not finite (${pricesOf(kind, p0, p1, p2, p3)}).`;
    case Reject.PriceNotPositive:
      return `A price is not above 0 (${pricesOf(kind, p0, p1, p2, p3)}).`;
    case Reject.BadSize:
      return `A size is negative or not a number (${sizesOf(batch, row)}).`;
    case Reject.OhlcBroken:
      return `The range of the bar does not hold its own prices (${pricesOf(kind, p0, p1, p2, p3)}).`;
    case Reject.Duplicate:
      return `The trade id ${batch.idOf(row) ?? ''} was already received from this source.`;
    default:
      return `Refused with code ${verdict}.`;
  }
}

function pricesOf(kind: number | undefined, p0: number, p1: number, p2: number, p3: number): string {
  if (kind === EventKind.Quote) return `bid ${p0}, ask ${p2}`;
  if (kind === EventKind.SourceBar) return `open ${p0}, high ${p1}, low ${p2}, close ${p3}`;
  return `price ${p0}`;
}

function sizesOf(batch: EventBatch, row: number): string {
  const kind = batch.kind[row];
  if (kind === EventKind.Quote) return `bid size ${batch.p1[row]}, ask size ${batch.p3[row]}`;
  if (kind === EventKind.SourceBar) return `volume ${batch.p4[row]}, trades ${batch.p6[row]}`;
  return `size ${batch.p1[row]}`;
}

function time(us: number): string {
  return Math.abs(us) < 8.64e18 && Number.isSafeInteger(us) ? formatMicros(us) : String(us);
}

function columnsOf(batch: EventBatch, row: number): string {
  const number = (value: number | undefined): number | string | undefined =>
    value === undefined || Number.isFinite(value) ? value : String(value);
  return JSON.stringify({
    ts_event_us: number(batch.tsEventUs[row]),
    ts_recv_us: number(batch.tsRecvUs[row]),
    values: [batch.p0, batch.p1, batch.p2, batch.p3, batch.p4, batch.p5, batch.p6, batch.p7]
      .slice(0, valuesOf(batch.kind[row]))
      .map((column) => number(column[row])),
    exchange: batch.exchange[row],
    conditions: batch.conditions[row],
    id: batch.idOf(row),
  });
}

function valuesOf(kind: number | undefined): number {
  if (kind === EventKind.SourceBar) return 8;
  if (kind === EventKind.Quote) return 4;
  return kind === EventKind.Trade || kind === EventKind.Correction ? 2 : 0;
}
