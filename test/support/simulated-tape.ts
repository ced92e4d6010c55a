import { Prng } from '../../src/base/index.ts';
import { EventBatch, guessInstrument, Universe } from '../../src/model/index.ts';
import { SimulatedTape } from '../../src/simulators/index.ts';

export const TAPE_START_US = Date.UTC(2024, 2, 5, 14, 30) * 1_000;
export const TAPE_SYMBOLS = ['AAPL', 'IBM', 'BTCUSDT', 'ETHUSDT'] as const;

/** A trade as the tests compare it; `id` is the position within its symbol. */
export interface TapeTrade {
  readonly symbol: string;
  readonly id: string;
  readonly tsUs: number;
  readonly price: number;
  readonly size: number;
}

export interface TestTape {
  readonly tape: SimulatedTape;
  readonly trades: readonly TapeTrade[];
}

/**
 * Trades (and a quote after every fifth) of four symbols over some minutes, without ids, at microseconds; some trades are
 * identical twins of the one before, and some prices and sizes have every digit that a double can have.
 */
export async function testTape(count = 1_200, seed = 7): Promise<TestTape> {
  const universe = new Universe();
  const ids = TAPE_SYMBOLS.map((symbol) => universe.add(guessInstrument(symbol)));
  const chance = new Prng(seed);
  const batch = new EventBatch(count * 2);
  const trades: TapeTrade[] = [];
  const ordinals = new Map<string, number>();
  let tsUs = TAPE_START_US;
  let [at, price, size] = [0, 100, 1];
  for (let k = 0; k < count; k++) {
    const isTwin = k > 0 && chance.uniform() < 0.05;
    if (!isTwin) {
      tsUs += 1 + Math.floor(chance.uniform() * 400_000);
      at = chance.u32() % TAPE_SYMBOLS.length;
      price = k % 7 === 0 ? 100 * (1 + chance.uniform()) : 100 + (chance.u32() % 1_000) / 100;
      size = k % 11 === 0 ? chance.uniform() / 1_000_000 : 1 + (chance.u32() % 500);
    }
    const symbol = TAPE_SYMBOLS[at] as string;
    const ordinal = (ordinals.get(symbol) ?? 0) + 1;
    ordinals.set(symbol, ordinal);
    batch.addTrade(ids[at] as number, 0, tsUs, tsUs, price, size);
    trades.push({ symbol, id: String(ordinal), tsUs, price, size });
    if (k % 5 === 0) batch.addQuote(ids[at] as number, 0, tsUs, tsUs, price - 0.01, 100, price + 0.01, 200);
  }
  async function* source() {
    yield batch;
  }
  return { tape: await SimulatedTape.load(source(), universe), trades };
}

/** Minute bars of a symbol's trades, folded the plain way. */
export function minuteBars(trades: readonly TapeTrade[], symbol: string) {
  const bars = new Map<number, { open: number; high: number; low: number; close: number; volume: number }>();
  for (const trade of trades) {
    if (trade.symbol !== symbol) continue;
    const startS = Math.floor(trade.tsUs / 60_000_000) * 60;
    const bar = bars.get(startS);
    if (bar === undefined) {
      bars.set(startS, {
        open: trade.price,
        high: trade.price,
        low: trade.price,
        close: trade.price,
        volume: trade.size,
      });
      continue;
    }
    bar.high = Math.max(bar.high, trade.price);
    bar.low = Math.min(bar.low, trade.price);
    bar.close = trade.price;
    bar.volume += trade.size;
  }
  return [...bars].map(([startS, bar]) => ({ startS, ...bar }));
}
