import { DEFAULT_ENGINE_SETTINGS, DigestSink, Engine, fanOut } from '../../src/engine/index.ts';
import { EventBatch, Universe } from '../../src/model/index.ts';
import { Report, type SuiteResult } from '../figure.ts';
import { threadCpuMs } from '../measure.ts';
import { randomTicks } from '../random-market.ts';

const SYMBOLS = 1_000;
const RING_TICKS = 10_000;
const TICKS_PER_SECOND = 10_000;
/** Enough that the ring of every symbol is full and goes on. */
const SECONDS = 1_100;
const PATTERN_TICKS = 100_000;
const START_US = 1_700_006_400_000_000;
const GOAL_MEGABYTES = 2_048;

/** 1000 symbols with full tick rings, five timeframes and the default features, fed at 10,000 ticks a second. */
export function memory1000(): SuiteResult {
  const report = new Report('memory.1000');
  const universe = new Universe();
  for (let s = 0; s < SYMBOLS; s++) {
    universe.add({ symbol: `SYM${s}`, assetClass: 'equity', calendar: 'always', currency: 'USD', barBasis: 'trades' });
  }
  const settings = { ...DEFAULT_ENGINE_SETTINGS, timeframes: ['1s', '1m', '5m', '15m', '1h'], ringTicks: RING_TICKS };
  const engine = new Engine(settings, universe, {});
  const { timeframes, plan } = engine.parts;
  const names = timeframes.map((timeframe) => timeframe.text);
  engine.sink = fanOut([new DigestSink(universe, names, plan.names.length)]);
  const cpuMs = feed(engine, universe);
  const megabytes = process.resourceUsage().maxRSS / 1_024;
  const rate = (TICKS_PER_SECOND * SECONDS * 1_000) / cpuMs;
  report.note(
    `${SYMBOLS} symbols, rings of ${RING_TICKS} ticks, ${names.join(' ')}, ${plan.names.length} features each`,
  );
  report.note(
    `${Math.round(rate / 1_000)} k ticks/s of CPU time: ${(rate / TICKS_PER_SECOND).toFixed(0)}x of what is asked`,
  );
  report.less(megabytes, 'MB resident at most', '2 GB', GOAL_MEGABYTES);
  return report;
}

function feed(engine: Engine, universe: Universe): number {
  const source = universe.sources.intern('bench');
  const ticks = randomTicks(5, SYMBOLS, PATTERN_TICKS, START_US);
  const batch = new EventBatch(TICKS_PER_SECOND / 10);
  const before = threadCpuMs();
  let seq = 0;
  for (let tenth = 0; tenth < SECONDS * 10; tenth++) {
    batch.clear();
    while (!batch.isFull) {
      const from = seq % PATTERN_TICKS;
      const tsUs = START_US + Math.floor((seq * 1e6) / TICKS_PER_SECOND);
      // Every symbol in turn: the rings of all of them fill up.
      const row = batch.addTrade(
        seq % SYMBOLS,
        source,
        tsUs,
        tsUs,
        ticks.price[from] as number,
        ticks.size[from] as number,
      );
      batch.seq[row] = ++seq;
    }
    engine.handle(batch);
  }
  return threadCpuMs() - before;
}
