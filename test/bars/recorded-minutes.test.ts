import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { BarBuilder, CalendarBarClock, conditionRules } from '../../src/bars/index.ts';
import { TimerQueue, US_PER_MS } from '../../src/base/index.ts';
import { Calendars } from '../../src/calendar/index.ts';
import { type Bar, EventBatch, parseTimeframe, Universe } from '../../src/model/index.ts';

const DATA = process.env.TICKLOOM_TEST_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
const hasData = existsSync(`${DATA}/ticks/IBM`);

function rows(path: string): string[][] {
  const lines = gunzipSync(readFileSync(path)).toString('latin1').split('\n');
  return lines.slice(1).flatMap((line) => (line === '' ? [] : [line.split(',')]));
}

/** Minutes of a symbol as this program builds them from the recorded trades under one rule set. */
function minutesOf(symbol: string, rulesId: string): Map<number, Bar> {
  const universe = new Universe();
  const id = universe.intern(symbol);
  const timeframes = [parseTimeframe('1s'), parseTimeframe('1m')];
  const timers = new TimerQueue();
  const bars = new Map<number, Bar>();
  const builder = new BarBuilder({
    universe,
    timeframes,
    clock: new CalendarBarClock(universe, new Calendars(), timeframes),
    rules: conditionRules(rulesId),
    sink: {
      onBar: (bar) => void (bar.timeframe === 1 && bars.set(bar.startUs as number, bar)),
      onBarRetracted: () => expect.unreachable(),
      onRepairNeeded: () => expect.unreachable(),
    },
    setTimer: (dueUs) => timers.set(dueUs, 0, 0),
  });
  const fire = (toUs: number): void => {
    while (timers.nextDueUs <= toUs) {
      timers.pop();
      builder.onTimer(timers.firedDueUs);
    }
  };
  const batch = new EventBatch(1);
  const days = readdirSync(`${DATA}/ticks/${symbol}`).filter((name) => name.endsWith('.trades.csv.gz'));
  let nowUs = 0;
  for (const day of days.sort()) {
    for (const [ts, price, size, , conditions] of rows(`${DATA}/ticks/${symbol}/${day}`)) {
      const tsUs = Number(ts) * US_PER_MS;
      nowUs = Math.max(nowUs, tsUs);
      fire(nowUs);
      builder.advance(nowUs);
      batch.clear();
      const row = batch.addTrade(id, 0, tsUs, nowUs, Number(price), Number(size));
      batch.conditions[row] = universe.conditions.intern(conditions as string);
      builder.addTrade(batch, row, 1);
    }
  }
  fire(Number.MAX_SAFE_INTEGER);
  return bars;
}

interface Agreement {
  readonly minutes: number;
  readonly missing: number;
  /** Shares of minutes in percent. */
  readonly prices: number;
  readonly volume: number;
}

function agreement(symbol: string, rulesId: string): Agreement {
  const ours = minutesOf(symbol, rulesId);
  const [first, last] = [Math.min(...ours.keys()), Math.max(...ours.keys())];
  let [minutes, missing, prices, volume] = [0, 0, 0, 0];
  for (const row of rows(`${DATA}/minute/${symbol}.csv.gz`)) {
    const [ts, open, high, low, close, size] = row.map(Number) as [number, number, number, number, number, number];
    const startUs = ts * US_PER_MS;
    if (startUs < first || startUs > last) continue;
    minutes++;
    const bar = ours.get(startUs);
    if (bar === undefined) missing++;
    else {
      if (bar.open === open && bar.high === high && bar.low === low && bar.close === close) prices++;
      if (bar.volume === size) volume++;
    }
  }
  return { minutes, missing, prices: (100 * prices) / minutes, volume: (100 * volume) / minutes };
}

describe.skipIf(!hasData)('minutes from recorded trades against the reference minutes', () => {
  const least = { IBM: 1300, BAC: 1700, SPY: 2400 };
  for (const symbol of ['IBM', 'BAC', 'SPY'] as const) {
    it(`${symbol}: vendor's prices under algoseek, tape's volume under sip`, () => {
      const vendor = agreement(symbol, 'algoseek');
      const tape = agreement(symbol, 'sip');
      const all = agreement(symbol, 'all');
      expect(vendor.minutes).toBeGreaterThanOrEqual(least[symbol]);
      expect(vendor.missing + tape.missing + all.missing).toBe(0);
      expect(vendor.prices).toBeGreaterThanOrEqual(99.5);
      expect(vendor.volume).toBeGreaterThanOrEqual(99);
      expect(tape.volume).toBeGreaterThanOrEqual(99);
      // The rules matter: without them clearly fewer minutes agree.
      expect(all.prices).toBeLessThan(vendor.prices - 1);
    });
  }
});
