import { BarBuilder, CalendarBarClock, conditionRules } from '../bars/index.ts';
import type { EngineParts } from '../engine/index.ts';
import { type Bar, EventBatch, type Timeframe, type Universe } from '../model/index.ts';
import type { BarRebuild, TradeRow } from '../stores/index.ts';

/** The smallest ring that a builder takes. */
const LEAST_RING = 128;

/** Rebuilds a bar that the engine no longer holds from the stored trades of its interval, by the engine's own rules. */
export function rebuildBar(parts: EngineParts, universe: Universe): BarRebuild {
  return (symbol, timeframe, startUs, endUs, trades) => {
    const inside = trades.filter((trade) => trade.ts >= startUs && trade.ts < endUs && trade.price !== undefined);
    if (inside.length === 0) return undefined;
    const only = parts.timeframes[timeframe] as Timeframe;
    const bars: Bar[] = [];
    const builder = new BarBuilder({
      universe,
      timeframes: [only],
      clock: new CalendarBarClock(universe, parts.calendars, [only]),
      rules: conditionRules(parts.settings.conditionRules),
      ringCapacity: Math.max(LEAST_RING, inside.length),
      sink: { onBar: (bar) => bars.push(bar), onBarRetracted: () => undefined, onRepairNeeded: () => undefined },
      setTimer: () => undefined,
    });
    const batch = batchOf(inside, symbol, universe);
    builder.advance(startUs);
    for (let row = 0; row < batch.length; row++) builder.addTrade(batch, row, inside[row]?.quality ?? 1);
    const bar = bars[0] ?? builder.formingBar(symbol, 0);
    return bar === undefined ? undefined : { ...bar, timeframe };
  };
}

function batchOf(trades: readonly TradeRow[], symbol: number, universe: Universe): EventBatch {
  const batch = new EventBatch(trades.length);
  for (const trade of trades) {
    const source = universe.sources.intern(trade.source ?? '');
    const { ts, price = Number.NaN, size = Number.NaN } = trade;
    const row = batch.addTrade(symbol, source, ts, trade.recv ?? ts, price, size);
    batch.exchange[row] = universe.exchanges.intern(trade.exchange ?? '');
    batch.conditions[row] = universe.conditions.intern(trade.conditions ?? '');
    if (trade.id !== undefined) batch.setId(row, trade.id);
    batch.seq[row] = trade.seq ?? 0;
  }
  return batch;
}
