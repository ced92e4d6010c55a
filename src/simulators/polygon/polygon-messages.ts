import { isRecord } from '../json-frame.ts';
import type { SimulatedTape } from '../tape.ts';
import { isSellerTaker } from '../tape-history.ts';
import { rawInteger, wholeMillis } from '../wire-format.ts';

/** Polygon's numbers of the one-letter market codes. */
const EXCHANGES: Readonly<Record<string, number>> = {
  A: 1,
  B: 2,
  C: 3,
  D: 4,
  I: 6,
  J: 7,
  K: 8,
  M: 9,
  N: 10,
  P: 11,
  Q: 12,
  T: 12,
  V: 15,
  W: 16,
  X: 17,
  Y: 18,
  Z: 19,
};
const COINBASE = 1;

/** Rows of the tape as Polygon's messages; times in milliseconds on the stream and in nanoseconds over REST. */
export class PolygonMessages {
  private readonly tape: SimulatedTape;

  constructor(tape: SimulatedTape) {
    this.tape = tape;
  }

  streamTrade(row: number, name: string, isCrypto: boolean): Readonly<Record<string, unknown>> {
    const { tape } = this;
    const t = wholeMillis(tape.tsEventUs[row] as number);
    const [p, s] = [tape.p0[row], tape.p1[row]];
    const i = tape.tradeId(row);
    if (isCrypto) {
      const c = [isSellerTaker(tape.conditionText(row)) ? 1 : 2];
      return { ev: 'XT', pair: name, p, t, s, c, i, x: COINBASE, r: t };
    }
    return {
      ev: 'T',
      sym: name,
      x: this.exchange(row),
      i,
      z: 3,
      p,
      s,
      c: this.conditions(row),
      t,
      q: tape.ordinal[row],
    };
  }

  streamQuote(row: number, name: string, isCrypto: boolean): Readonly<Record<string, unknown>> {
    const { tape } = this;
    const t = wholeMillis(tape.tsEventUs[row] as number);
    const [bp, bs, ap, as] = [tape.p0, tape.p1, tape.p2, tape.p3].map((column) => numberOrZero(column[row] as number));
    if (isCrypto) return { ev: 'XQ', pair: name, bp, bs, ap, as, t, x: COINBASE, r: t };
    const x = this.exchange(row);
    return { ev: 'Q', sym: name, bx: x, bp, bs, ax: x, ap, as, c: 0, t, q: tape.ordinal[row], z: 3 };
  }

  historyTrade(row: number): Readonly<Record<string, unknown>> {
    const { tape } = this;
    const ns = rawInteger(`${tape.tsEventUs[row]}000`);
    return {
      conditions: this.conditions(row),
      exchange: this.exchange(row),
      id: tape.tradeId(row),
      participant_timestamp: ns,
      price: tape.p0[row],
      sequence_number: tape.ordinal[row],
      sip_timestamp: ns,
      size: tape.p1[row],
      tape: 3,
    };
  }

  historyQuote(row: number): Readonly<Record<string, unknown>> {
    const { tape } = this;
    const ns = rawInteger(`${tape.tsEventUs[row]}000`);
    const [bid_price, bid_size, ask_price, ask_size] = [tape.p0, tape.p1, tape.p2, tape.p3].map((column) =>
      numberOrZero(column[row] as number),
    );
    const exchange = this.exchange(row);
    return {
      ask_exchange: exchange,
      ask_price,
      ask_size,
      bid_exchange: exchange,
      bid_price,
      bid_size,
      participant_timestamp: ns,
      sequence_number: tape.ordinal[row],
      sip_timestamp: ns,
      tape: 3,
    };
  }

  private exchange(row: number): number {
    return EXCHANGES[this.tape.exchangeText(row)] ?? 12;
  }

  /** Condition numbers where the tape has small numbers; a tape of another vendor has texts that Polygon has no number for. */
  private conditions(row: number): number[] {
    const words = this.tape.conditionText(row).split(/[,;\s]+/);
    return words.every((word) => /^\d{1,2}$/.test(word)) ? words.map(Number) : [];
  }
}

function numberOrZero(value: number): number {
  return value === value ? value : 0;
}

/** The text of a client's `params`, whatever its JSON type. */
export function paramsOf(message: unknown): string {
  const params = isRecord(message) ? message['params'] : undefined;
  return typeof params === 'string' ? params : '';
}
