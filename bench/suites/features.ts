import { ADX, ATR, BollingerBands, EMA, MACD, OBV, RSI, SMA, StochasticOscillator, VWAP } from 'trading-signals';
import { compileFeatures, FeatureEngine } from '../../src/features/index.ts';
import { type BarColumns, barColumns, createBarInput } from '../../src/indicators/index.ts';
import { CEILINGS, ceilingResults } from '../ceilings.ts';
import { Report, type SuiteResult } from '../figure.ts';
import { type Contender, cpuNanosInTurn, use } from '../measure.ts';
import { type RandomBars, randomBars } from '../random-market.ts';

/** The 17 outputs of performance.md, section 1. */
export const FEATURES: readonly string[] = [
  'sma_20',
  'ema_12',
  'ema_26',
  'rsi_14',
  'macd',
  'macd_signal',
  'macd_hist',
  'bb_upper',
  'bb_lower',
  'atr_14',
  'vwap_session',
  'stoch_fast_k',
  'stoch_fast_d',
  'obv',
  'adx_14',
  'plus_di_14',
  'minus_di_14',
];
const PEER = 'trading-signals 8.3';
const SESSION_BARS = 390;
/** As the engine keeps it for minute bars: bars inside the revision window, and two to spare. */
const REVISABLE_BARS = 4;

const STREAM_BARS = 300_000;
const STREAM_PEER_BARS = 100_000;
const LOCKSTEP_SYMBOLS = 1_000;
const LOCKSTEP_BARS = 300;
const LOCKSTEP_PEER_BARS = 60;

/** One bar at a time of one symbol. */
export async function featuresStream(): Promise<SuiteResult> {
  const report = new Report('features.stream');
  const market = randomBars(42, 1, STREAM_BARS);
  const c = ceilingResults(CEILINGS.indicators, report);
  const [ours, theirs] = await cpuNanosInTurn([
    oneByOne(market, 1, STREAM_BARS),
    tradingSignals(market, 1, STREAM_PEER_BARS),
  ]);
  report.less(ours as number, 'ns/bar', PEER, theirs as number);
  const ceiling = c?.get('1sym C')?.value;
  if (ceiling !== undefined) report.less(ours as number, 'ns/bar', 'scalar C', ceiling);
  return report;
}

/** 1000 symbols whose bars close together: one by one, as the engine takes them, and a row of symbols in one call. */
export async function featuresLockstep(): Promise<SuiteResult> {
  const report = new Report('features.lockstep');
  const market = randomBars(7, LOCKSTEP_SYMBOLS, LOCKSTEP_BARS);
  const c = ceilingResults(CEILINGS.indicators, report);
  const [single, rows, theirs] = (await cpuNanosInTurn(
    [
      oneByOne(market, LOCKSTEP_SYMBOLS, LOCKSTEP_BARS),
      rowByRow(market, LOCKSTEP_SYMBOLS, LOCKSTEP_BARS),
      tradingSignals(market, LOCKSTEP_SYMBOLS, LOCKSTEP_PEER_BARS),
    ],
    3,
  )) as [number, number, number];
  report.less(single, 'ns/bar', PEER, theirs);
  report.less(rows, 'ns/bar', `${PEER} (ours with all symbols in one call)`, theirs);
  const scalar = c?.get('1000sym C')?.value;
  const vector = c?.get('1000sym C-SoA-SIMD')?.value;
  if (scalar !== undefined) {
    report.less(single, 'ns/bar', 'scalar C', scalar);
    report.less(rows, 'ns/bar', 'scalar C (ours with all symbols in one call)', scalar);
  }
  if (vector !== undefined) report.less(rows, 'ns/bar', 'vectorised C (ours with all symbols in one call)', vector);
  return report;
}

function newEngine(symbols: number): FeatureEngine {
  const engine = new FeatureEngine(compileFeatures(FEATURES), { revisableBars: REVISABLE_BARS });
  engine.ensureSeries(symbols);
  return engine;
}

/** `update`, then the whole vector read, as the engine does for every closed bar. */
function oneByOne(market: RandomBars, symbols: number, bars: number): Contender {
  const vector = new Float64Array(FEATURES.length);
  const input = createBarInput();
  return {
    name: 'ours',
    run() {
      const engine = newEngine(symbols);
      let check = 0;
      for (let t = 0, row = 0; t < bars; t++) {
        input.sessionStart = t % SESSION_BARS === 0 ? 1 : 0;
        for (let symbol = 0; symbol < symbols; symbol++, row++) {
          input.open = market.open[row] as number;
          input.high = market.high[row] as number;
          input.low = market.low[row] as number;
          input.close = market.close[row] as number;
          input.volume = market.volume[row] as number;
          engine.update(symbol, input);
          engine.latest(symbol, vector);
          check += (vector[3] as number) || 0;
        }
      }
      use(check);
      return bars * symbols;
    },
  };
}

function rowByRow(market: RandomBars, symbols: number, bars: number): Contender {
  const series = Int32Array.from({ length: symbols }, (_, symbol) => symbol);
  const vector = new Float64Array(FEATURES.length);
  const rowsOf = (t: number): BarColumns => {
    const from = t * symbols;
    const cut = (column: Float64Array): Float64Array => column.subarray(from, from + symbols);
    return barColumns(symbols, {
      open: cut(market.open),
      high: cut(market.high),
      low: cut(market.low),
      close: cut(market.close),
      volume: cut(market.volume),
      sessionStart: new Float64Array(symbols).fill(t % SESSION_BARS === 0 ? 1 : 0),
    });
  };
  const rows = Array.from({ length: bars }, (_, t) => rowsOf(t));
  return {
    name: 'ours, all symbols in one call',
    run() {
      const engine = newEngine(symbols);
      let check = 0;
      for (const columns of rows) {
        engine.updateMany(series, columns);
        for (let symbol = 0; symbol < symbols; symbol++) {
          engine.latest(symbol, vector);
          check += (vector[3] as number) || 0;
        }
      }
      use(check);
      return bars * symbols;
    },
  };
}

class PeerSeries {
  private vwap = new VWAP();
  private readonly byClose = [
    new SMA(20),
    new EMA(12),
    new EMA(26),
    new MACD(new EMA(12), new EMA(26), new EMA(9)),
    new BollingerBands(20, 2),
  ] as const;
  private readonly rsi = new RSI(14);
  private readonly byBar = [
    new ATR(14),
    new StochasticOscillator({ kPeriod: 14, kSlowingPeriod: 1, dPeriod: 3 }),
    new OBV(2),
  ] as const;
  private readonly adx = new ADX(14);

  add(open: number, high: number, low: number, close: number, volume: number, isFirst: boolean): number {
    const bar = { open, high, low, close, volume };
    if (isFirst) this.vwap = new VWAP();
    for (const indicator of this.byClose) indicator.add(close);
    for (const indicator of this.byBar) indicator.add(bar);
    this.vwap.add(bar);
    return (Number(this.rsi.add(close)) || 0) + (Number(this.adx.add(bar)) || 0);
  }
}

function tradingSignals(market: RandomBars, symbols: number, bars: number): Contender {
  return {
    name: PEER,
    run() {
      const series = Array.from({ length: symbols }, () => new PeerSeries());
      let check = 0;
      for (let t = 0, row = 0; t < bars; t++) {
        for (let symbol = 0; symbol < symbols; symbol++, row++) {
          check += (series[symbol] as PeerSeries).add(
            market.open[row] as number,
            market.high[row] as number,
            market.low[row] as number,
            market.close[row] as number,
            market.volume[row] as number,
            t % SESSION_BARS === 0,
          );
        }
      }
      use(check);
      return bars * symbols;
    },
  };
}
