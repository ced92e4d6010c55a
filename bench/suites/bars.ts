import { compute, computeTradeBars, type Trade } from 'tardis-dev';
import { BarBuilder, CalendarBarClock, conditionRules } from '../../src/bars/index.ts';
import { TimerQueue } from '../../src/base/index.ts';
import { Calendars } from '../../src/calendar/index.ts';
import { EventBatch, type Instrument, parseTimeframe, Universe } from '../../src/model/index.ts';
import { CEILINGS, ceilingResults } from '../ceilings.ts';
import { Report, type SuiteResult } from '../figure.ts';
import { type Contender, cpuNanosInTurn, threadCpuMs, use } from '../measure.ts';
import { type RandomTicks, randomTicks } from '../random-market.ts';

const SYMBOLS = 100;
const TICKS = 1_000_000;
const PEER_TICKS = 200_000;
const START_US = 1_700_000_000_000_000;
const TIMEFRAMES = ['1s', '1m', '5m'];
/** Condition sets as the consolidated tape writes them: all are looked up, two of them change what a trade may set. */
const CONDITIONS = ['@', '@,F', '@,I', '@,T', '@,4'];
const BATCH_ROWS = 4_096;

/** Trades to bars of three timeframes, with the close delay, the revision window and the condition rules on. */
export async function barsBuild(): Promise<SuiteResult> {
  const report = new Report('bars.build');
  const ticks = randomTicks(99, SYMBOLS, TICKS, START_US);
  const c = ceilingResults(CEILINGS.bars, report);
  const messages = peerMessages(ticks);
  const [ours, direct, generator] = (await cpuNanosInTurn(
    [ourBuilder(ticks), computable(messages), publicApi(messages)],
    3,
  )) as [number, number, number];
  report.less(ours, 'ns/tick', 'tardis-dev 13 TradeBarComputable (1s bars only)', direct);
  report.less(ours, 'ns/tick', 'tardis-dev 13 compute() (1s bars only)', generator);
  const flat = c?.get('C 1s+1m+5m bars (3 timeframes)')?.value;
  if (flat !== undefined) report.less(ours, 'ns/tick', 'C, the same three timeframes', flat);
  return report;
}

function instrument(symbol: string): Instrument {
  return { symbol, assetClass: 'equity', calendar: 'always', currency: 'USD', barBasis: 'trades' };
}

/**
 * The builder driven as the engine drives it: timers that are due fire before an event, and the ticks come in one batch
 * that is filled again and again (filling it is the reader's work and not counted). One builder for all rounds, each of
 * which goes on where the one before it ended, as on a day of trading.
 */
function ourBuilder(ticks: RandomTicks): Contender {
  const universe = new Universe();
  for (let symbol = 0; symbol < SYMBOLS; symbol++) universe.add(instrument(`S${symbol}`));
  const spanUs = (ticks.tsUs[TICKS - 1] as number) - START_US + 1_000;
  const source = universe.sources.intern('bench');
  const conditions = CONDITIONS.map((text) => universe.conditions.intern(text));
  const batch = new EventBatch(BATCH_ROWS);
  const driver = new BuilderDriver(universe);
  let seq = 0;
  const fill = (from: number): void => {
    const laterUs = Math.floor(seq / TICKS) * spanUs;
    batch.clear();
    for (let i = from; i < Math.min(TICKS, from + BATCH_ROWS); i++) {
      const tsUs = (ticks.tsUs[i] as number) + laterUs;
      const price = ticks.price[i] as number;
      const row = batch.addTrade(ticks.symbol[i] as number, source, tsUs, tsUs, price, ticks.size[i] as number);
      batch.seq[row] = ++seq;
      batch.conditions[row] = conditions[i % 64 < 60 ? 0 : (i % 4) + 1] as number;
    }
  };
  return {
    name: 'ours',
    run() {
      let cpuMs = 0;
      for (let from = 0; from < TICKS; from += BATCH_ROWS) {
        fill(from);
        const before = threadCpuMs();
        driver.handle(batch);
        cpuMs += threadCpuMs() - before;
      }
      return { operations: TICKS, cpuMs };
    },
  };
}

/** A bar builder and the part of the engine that gives it time and timers. */
class BuilderDriver {
  private readonly timers = new TimerQueue();
  private readonly builder: BarBuilder;
  private nowUs = Number.NEGATIVE_INFINITY;

  constructor(universe: Universe) {
    const timeframes = TIMEFRAMES.map((text) => parseTimeframe(text));
    this.builder = new BarBuilder({
      universe,
      timeframes,
      clock: new CalendarBarClock(universe, new Calendars(), timeframes),
      rules: conditionRules('sip'),
      sink: {
        onBar: (bar) => use(bar.open + bar.high - bar.low + bar.close + bar.vwap),
        onBarRetracted: () => undefined,
        onRepairNeeded: () => undefined,
      },
      setTimer: (dueUs) => this.timers.set(dueUs, 0, 0),
    });
  }

  handle(batch: EventBatch): void {
    const { builder } = this;
    for (let row = 0; row < batch.length; row++) {
      const recvUs = batch.tsRecvUs[row] as number;
      if (recvUs > this.nowUs) this.advance(recvUs);
      builder.addTrade(batch, row, 1);
    }
    builder.ring.publish();
  }

  private advance(nowUs: number): void {
    const { timers, builder } = this;
    while (timers.nextDueUs <= nowUs) {
      timers.pop();
      builder.advance(timers.firedDueUs);
      builder.onTimer(timers.firedDueUs);
    }
    this.nowUs = nowUs;
    builder.advance(nowUs);
  }
}

function peerMessages(ticks: RandomTicks): readonly Trade[] {
  return Array.from({ length: PEER_TICKS }, (_, i) => {
    const timestamp = new Date((ticks.tsUs[i] as number) / 1_000);
    return {
      type: 'trade',
      symbol: `S${ticks.symbol[i]}`,
      exchange: 'binance',
      id: String(i),
      price: ticks.price[i] as number,
      amount: ticks.size[i] as number,
      side: 'buy',
      timestamp,
      localTimestamp: timestamp,
    };
  });
}

const secondBars = computeTradeBars({ kind: 'time', interval: 1_000 });

function computable(messages: readonly Trade[]): Contender {
  return {
    name: 'tardis-dev TradeBarComputable',
    run() {
      const bySymbol = new Map<string, ReturnType<typeof secondBars>>();
      let check = 0;
      for (const message of messages) {
        let own = bySymbol.get(message.symbol);
        if (own === undefined) {
          own = secondBars();
          bySymbol.set(message.symbol, own);
        }
        for (const bar of own.compute(message)) check += bar.open + bar.high - bar.low + bar.close + bar.vwap;
      }
      use(check);
      return messages.length;
    },
  };
}

function publicApi(messages: readonly Trade[]): Contender {
  return {
    name: 'tardis-dev compute()',
    async run() {
      async function* replay(): AsyncGenerator<Trade> {
        for (const message of messages) yield message;
      }
      let bars = 0;
      for await (const message of compute(replay(), secondBars)) if (message.type === 'trade_bar') bars++;
      use(bars);
      return messages.length;
    },
  };
}
