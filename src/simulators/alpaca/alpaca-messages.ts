import { US_PER_MINUTE } from '../../base/index.ts';
import { EventKind } from '../../model/index.ts';
import type { SimulatedTape } from '../tape.ts';
import { isSellerTaker } from '../tape-history.ts';
import type { AlpacaCodec } from './alpaca-codec.ts';

/** What one bar looks like: minute bars of the stream and all bars of the history. */
interface BarLike {
  readonly startUs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly trades: number;
  readonly vwap: number;
}

export const ALPACA_STREAM_BAR_US = US_PER_MINUTE;

/** Rows of the tape as Alpaca's messages, without `T` and `S`. */
export class AlpacaMessages {
  private readonly tape: SimulatedTape;
  private readonly isCrypto: boolean;

  constructor(tape: SimulatedTape, isCrypto: boolean) {
    this.tape = tape;
    this.isCrypto = isCrypto;
  }

  trade(row: number, codec: AlpacaCodec): Record<string, unknown> {
    const { tape } = this;
    const head = { i: codec.integer(tape.tradeId(row)), p: tape.p0[row], s: tape.p1[row] };
    const t = codec.time(tape.tsEventUs[row] as number);
    if (this.isCrypto) return { ...head, t, tks: takerSide(tape.conditionText(row)) };
    return { ...head, x: tape.exchangeText(row) || 'V', t, c: conditionsOf(tape.conditionText(row)), z: 'C' };
  }

  quote(row: number, codec: AlpacaCodec): Record<string, unknown> {
    const { tape } = this;
    const [bp, bs, ap, as] = [tape.p0, tape.p1, tape.p2, tape.p3].map((column) => numberOrZero(column[row] as number));
    const t = codec.time(tape.tsEventUs[row] as number);
    if (this.isCrypto) return { bp, bs, ap, as, t };
    const x = tape.exchangeText(row) || 'V';
    return { bx: x, bp, bs, ax: x, ap, as, c: ['R'], t, z: 'C' };
  }

  bar(bar: BarLike, codec: AlpacaCodec): Record<string, unknown> {
    const { open: o, high: h, low: l, close: c, volume: v, trades: n, vwap: vw } = bar;
    return { o, h, l, c, v, n, vw, t: codec.time(bar.startUs) };
  }

  /** A corrected trade: the tape tells the id and the new values, the trade before it the old ones. */
  correction(row: number, codec: AlpacaCodec, original: number | undefined): Record<string, unknown> {
    const { tape } = this;
    const id = codec.integer(tape.amendedId(row));
    const old = original ?? row;
    return {
      x: tape.exchangeText(row) || 'V',
      oi: id,
      op: tape.p0[old],
      os: tape.p1[old],
      oc: conditionsOf(tape.conditionText(old)),
      ci: id,
      cp: tape.p0[row],
      cs: tape.p1[row],
      cc: conditionsOf(tape.conditionText(row)),
      t: codec.time(tape.tsEventUs[row] as number),
      z: 'C',
    };
  }

  cancel(row: number, codec: AlpacaCodec, original: number | undefined): Record<string, unknown> {
    const { tape } = this;
    const old = original ?? row;
    return {
      i: codec.integer(tape.amendedId(row)),
      x: tape.exchangeText(row) || 'V',
      p: numberOrZero(tape.p0[old] as number),
      s: numberOrZero(tape.p1[old] as number),
      a: 'C',
      t: codec.time(tape.tsEventUs[row] as number),
      z: 'C',
    };
  }
}

/** Finds the trade that a correction or cancel names: the last one before it with that id. */
export function originalOf(tape: SimulatedTape, row: number): number | undefined {
  const id = tape.amendedId(row);
  const rows = tape.rowsOf(tape.symbol[row] as number, EventKind.Trade);
  for (let i = rows.length - 1; i >= 0; i--) {
    const candidate = rows[i] as number;
    if (candidate < row && tape.tradeId(candidate) === id) return candidate;
  }
  return undefined;
}

/** Sale conditions as a list: a tape has them joined by commas, semicolons or blanks, or as one word. */
function conditionsOf(text: string): string[] {
  return text === '' ? [] : text.split(/[,;\s]+/).filter((each) => each !== '');
}

function takerSide(conditions: string): string {
  if (conditions === '') return '-';
  return isSellerTaker(conditions) ? 'S' : 'B';
}

function numberOrZero(value: number): number {
  return value === value ? value : 0;
}
