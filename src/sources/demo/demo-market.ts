import { UsageError } from '../../base/index.ts';
import type { AssetClass, Instrument } from '../../model/index.ts';

/** What makes a symbol of the demo market look like itself. */
export interface DemoInstrument {
  readonly symbol: string;
  readonly assetClass: AssetClass;
  readonly price: number;
  /** Standard deviation of log returns over a year that never closes. */
  readonly annualVolatility: number;
  /** Decimal places of a price. */
  readonly decimals: number;
  /** Bid-ask spread in price steps. */
  readonly spreadSteps: number;
  /** Share of the market's trades relative to the others. */
  readonly weight: number;
  /** Typical size of a trade, and its decimal places. */
  readonly size: number;
  readonly sizeDecimals: number;
}

function equity(symbol: string, price: number, annualVolatility: number, weight: number): DemoInstrument {
  const spreadSteps = price > 300 ? 3 : 1;
  return {
    symbol,
    assetClass: 'equity',
    price,
    annualVolatility,
    decimals: 2,
    spreadSteps,
    weight,
    size: 100,
    sizeDecimals: 0,
  };
}

const KNOWN: readonly DemoInstrument[] = [
  equity('AAPL', 268.5, 0.3, 1.2),
  equity('MSFT', 512.4, 0.28, 1),
  equity('NVDA', 187.2, 0.5, 1.6),
  equity('AMZN', 231.9, 0.34, 1),
  equity('TSLA', 402.6, 0.62, 1.4),
  equity('SPY', 671.3, 0.18, 1.8),
  equity('QQQ', 604.7, 0.24, 1.5),
  equity('XOM', 117.8, 0.26, 0.7),
  {
    symbol: 'BTCUSD',
    assetClass: 'crypto',
    price: 91_420,
    annualVolatility: 0.6,
    decimals: 2,
    spreadSteps: 50,
    weight: 1.8,
    size: 0.05,
    sizeDecimals: 5,
  },
  {
    symbol: 'ETHUSD',
    assetClass: 'crypto',
    price: 3_016,
    annualVolatility: 0.75,
    decimals: 2,
    spreadSteps: 6,
    weight: 1.4,
    size: 0.8,
    sizeDecimals: 4,
  },
  {
    symbol: 'EURUSD',
    assetClass: 'forex',
    price: 1.1524,
    annualVolatility: 0.09,
    decimals: 5,
    spreadSteps: 2,
    weight: 1,
    size: 50_000,
    sizeDecimals: 0,
  },
  {
    symbol: 'XAUUSD',
    assetClass: 'forex',
    price: 4_072.5,
    annualVolatility: 0.2,
    decimals: 2,
    spreadSteps: 12,
    weight: 0.8,
    size: 10,
    sizeDecimals: 0,
  },
];
const BY_SYMBOL = new Map(KNOWN.map((instrument) => [instrument.symbol, instrument]));

export const DEMO_SYMBOLS: readonly string[] = KNOWN.map((instrument) => instrument.symbol);

/** The character of a symbol; one that the market does not know is an invented equity, the same every time. */
export function demoInstrument(symbol: string): DemoInstrument {
  const known = BY_SYMBOL.get(symbol);
  if (known !== undefined) return known;
  if (symbol.length === 0) throw new UsageError('sources.demo.symbols holds an empty symbol.');
  let hash = 2_166_136_261;
  for (let i = 0; i < symbol.length; i++) hash = Math.imul(hash ^ symbol.charCodeAt(i), 16_777_619);
  const unit = (hash >>> 0) / 4_294_967_296;
  return equity(symbol, Math.round(1_000 * (20 + 380 * unit)) / 1_000, 0.2 + 0.4 * unit, 1);
}

/** The demo market never closes, and its forex prints trades: every bar is built from trades, round the clock. */
export function demoModelInstrument(instrument: DemoInstrument): Instrument {
  return {
    symbol: instrument.symbol,
    assetClass: instrument.assetClass,
    calendar: 'always',
    currency: 'USD',
    barBasis: 'trades',
  };
}
