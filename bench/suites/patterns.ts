import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFeatures, FeatureEngine } from '../../src/features/index.ts';
import { createBarInput } from '../../src/indicators/index.ts';
import { CandlestickScanner, missingFeatures, readPortfolio, ToleranceMatcher } from '../../src/patterns/index.ts';
import { Report, type SuiteResult } from '../figure.ts';
import { type Contender, cpuNanosInTurn, use } from '../measure.ts';
import { type RandomBars, randomBars } from '../random-market.ts';

const SYMBOLS = 1_000;
const BARS = 100;
/** Bars before the first that counts: everything is warm then. */
const WARM_BARS = 40;
const EXAMPLE = join(import.meta.dirname, '../../examples/portfolio.json');

/** Nanoseconds a bar that performance.md, section 7, gives for 20 patterns of four conditions, hand-written, early exit. */
const HAND_WRITTEN_NANOS = 84;
/** A tenth of the goal of 5 µs a symbol for everything that is said at the close of a bar … */
const TOLERANCE_GOAL_NANOS = 500;
/** … and two fifths of it. */
const CANDLESTICKS_GOAL_NANOS = 2_000;

/** All candlesticks at every bar of 1000 symbols whose bars close together. */
export async function patternsCandlesticks(): Promise<SuiteResult> {
  const report = new Report('patterns.candlesticks');
  const [nanos] = (await cpuNanosInTurn([candlesticks(randomBars(11, SYMBOLS, BARS))])) as [number];
  report.less(nanos, 'ns/bar', '2 µs', CANDLESTICKS_GOAL_NANOS);
  return report;
}

/** The 20 tolerance patterns of the example portfolio at every bar of 1000 symbols. */
export async function patternsTolerance(): Promise<SuiteResult> {
  const report = new Report('patterns.tolerance');
  const [nanos] = (await cpuNanosInTurn([tolerance(randomBars(12, SYMBOLS, BARS))])) as [number];
  report.less(nanos, 'ns/bar', '0.5 µs', TOLERANCE_GOAL_NANOS);
  report.less(nanos, 'ns/bar', '84 ns hand-written, 20 patterns of 4 conditions', HAND_WRITTEN_NANOS);
  return report;
}

/** One symbol of time-major columns. */
class SymbolColumn {
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  private readonly symbol: number;

  constructor(market: RandomBars, symbol: number) {
    this.open = market.open;
    this.high = market.high;
    this.low = market.low;
    this.close = market.close;
    this.symbol = symbol;
  }

  slot(index: number): number {
    return index * SYMBOLS + this.symbol;
  }
}

function candlesticks(market: RandomBars): Contender {
  const columns = Array.from({ length: SYMBOLS }, (_, symbol) => new SymbolColumn(market, symbol));
  const scanner = new CandlestickScanner();
  let said = 0;
  const onFound = (_candlestick: unknown, value: number): void => {
    said += value;
  };
  return {
    name: 'candlesticks',
    run() {
      for (let bar = WARM_BARS; bar < BARS; bar++) for (const column of columns) scanner.scan(column, bar, onFound);
      use(said);
      return SYMBOLS * (BARS - WARM_BARS);
    },
  };
}

function tolerance(market: RandomBars): Contender {
  const { patterns } = readPortfolio(JSON.parse(readFileSync(EXAMPLE, 'utf8')));
  const plan = compileFeatures(missingFeatures({ name: undefined, patterns }, []));
  const values = featuresOf(market, plan);
  const width = plan.names.length;
  const matcher = new ToleranceMatcher(patterns, plan);
  const size = matcher.stateSize;
  const state = new Float64Array(SYMBOLS * size);
  let said = 0;
  const onFound = (_pattern: unknown, _confidence: number, rank: number): void => {
    said += rank;
  };
  return {
    name: 'tolerance',
    run() {
      for (let symbol = 0; symbol < SYMBOLS; symbol++) matcher.reset(state, symbol * size);
      for (let bar = WARM_BARS; bar < BARS; bar++) {
        for (let symbol = 0; symbol < SYMBOLS; symbol++) {
          matcher.match(state, symbol * size, values, (bar * SYMBOLS + symbol) * width, onFound);
        }
      }
      use(said);
      return SYMBOLS * (BARS - WARM_BARS);
    },
  };
}

function featuresOf(market: RandomBars, plan: ReturnType<typeof compileFeatures>): Float64Array {
  const width = plan.names.length;
  const values = new Float64Array(BARS * SYMBOLS * width);
  const engine = new FeatureEngine(plan);
  engine.ensureSeries(SYMBOLS);
  const input = createBarInput();
  const vector = new Float64Array(width);
  for (let row = 0; row < BARS * SYMBOLS; row++) {
    input.open = market.open[row] as number;
    input.high = market.high[row] as number;
    input.low = market.low[row] as number;
    input.close = market.close[row] as number;
    input.volume = market.volume[row] as number;
    engine.update(row % SYMBOLS, input);
    values.set(engine.latest(row % SYMBOLS, vector), row * width);
  }
  return values;
}
