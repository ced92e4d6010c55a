import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BarEvent, BarRow } from '../../src/api/protocol/index.ts';
import { duration, fixed, priceDigits, signed } from '../../web/dom/number-text.ts';
import { BarSeries, toBar } from '../../web/state/bar-series.ts';
import { EventLog, LOG_LIMIT } from '../../web/state/event-log.ts';
import { freshness } from '../../web/state/freshness.ts';
import { Happenings } from '../../web/state/happenings.ts';
import { INBOX_LIMIT, Inbox } from '../../web/state/inbox.ts';
import { MetricSet } from '../../web/state/metric-set.ts';
import { chartSeconds, epochMs, timeframeMs } from '../../web/time/chart-seconds.ts';
import { ageText, ZoneClock } from '../../web/time/zone-clock.ts';

function row(startMs: number, revision: number, close: number, final = true): BarRow {
  return {
    start: new Date(startMs).toISOString(),
    open: 1,
    high: 2,
    low: 0.5,
    close,
    volume: 10,
    vwap: 1,
    trade_count: revision + 1,
    timeframe: '1m',
    final,
    revision,
    source: 'demo',
    quality: 1,
  };
}

describe('bar series', () => {
  it('ends in the same bars whatever the order and repetition of revisions', () => {
    const versions = fc.array(
      fc.record({ minute: fc.integer({ min: 0, max: 9 }), revision: fc.integer({ min: 0, max: 4 }) }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(versions, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (list, keys) => {
        const shuffled = list
          .map((item) => ({ item, key: keys.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ item }) => item);
        const [a, b] = [new BarSeries('A', '1m'), new BarSeries('A', '1m')];
        for (const { minute, revision } of list) a.apply(toBar(row(minute * 60_000, revision, revision)));
        for (const { minute, revision } of shuffled) b.apply(toBar(row(minute * 60_000, revision, revision)));
        expect(b.bars).toEqual(a.bars);
        const starts = a.bars.map((bar) => bar.startMs);
        expect(starts).toEqual([...new Set(starts)].sort((x, y) => x - y));
      }),
    );
  });

  it('says what a bar did, and keeps the versions that it replaced', () => {
    const series = new BarSeries('A', '1m');
    expect(series.apply(toBar(row(0, 0, 1, false)))).toBe('appended');
    expect(series.apply(toBar(row(0, 0, 2)))).toBe('updated');
    expect(series.apply(toBar(row(120_000, 0, 3)))).toBe('appended');
    expect(series.apply(toBar(row(60_000, 0, 3)))).toBe('inserted');
    expect(series.apply(toBar(row(0, 1, 4)))).toBe('revised');
    expect(series.apply(toBar(row(0, 0, 2)))).toBe('ignored');
    expect(series.apply(toBar(row(0, 0, 2, false)))).toBe('ignored');
    expect(series.versions(0)).toEqual([{ revision: 0, close: 2, volume: 10 }]);
    expect(series.prepend([toBar(row(-60_000, 0, 1)), toBar(row(0, 0, 9))])).toBe(1);
    expect(series.bars.map((bar) => bar.startMs)).toEqual([-60_000, 0, 60_000, 120_000]);
    expect(series.find(0)?.close).toBe(4);
  });
});

describe('bounds of the page', () => {
  it('drops the oldest events at the limit, counts them, and asks for a reload once', () => {
    const inbox = new Inbox();
    const pong = { type: 'pong', timestamp: '2026-01-30T08:15:00Z' } as const;
    inbox.setPaused(true);
    inbox.push(Array.from({ length: INBOX_LIMIT + 7 }, () => pong));
    expect(inbox.behind).toBe(INBOX_LIMIT);
    expect(inbox.droppedOldest).toBe(7);
    expect(inbox.take()).toEqual([]);
    expect(inbox.takeMustReload()).toBe(false);
    inbox.setPaused(false);
    expect(inbox.take()).toHaveLength(INBOX_LIMIT);
    expect([inbox.takeMustReload(), inbox.takeMustReload()]).toEqual([true, false]);
  });

  it('keeps the newest lines of the log, and one line per key', () => {
    const log = new EventLog();
    for (let index = 0; index < LOG_LIMIT + 3; index += 1) {
      log.put({ key: String(index), kind: 'gap', timeMs: index, symbol: undefined, text: '' });
    }
    expect(log.lines).toHaveLength(LOG_LIMIT);
    expect(log.lines[0]?.key).toBe(String(LOG_LIMIT + 2));
    expect(log.droppedOldest).toBe(3);
    log.put({ key: String(LOG_LIMIT), kind: 'gap', timeMs: 0, symbol: undefined, text: 'again' });
    expect(log.lines).toHaveLength(LOG_LIMIT);
    expect(log.lines[0]?.text).toBe('again');
    expect(log.added).toBe(LOG_LIMIT + 3);
  });
});

describe('happenings', () => {
  const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 30, 8, 15, seconds)).toISOString();
  const revised = (start: number, revision: number, second: number): BarEvent => ({
    ...row(Date.UTC(2026, 0, 30, 8, 15, start), revision, 2),
    type: 'bar',
    id: second,
    timestamp: at(second),
    symbol: 'AAPL',
    timeframe: '1s',
  });

  it('tells a burst of revisions in one line that counts, and each revision once', () => {
    const log = new EventLog();
    const happenings = new Happenings(log);
    for (let start = 0; start < 9; start += 1) {
      for (let revision = 1; revision <= 4; revision += 1)
        expect(happenings.revised(revised(start, revision, 10), 2)).toBe(true);
    }
    expect(happenings.revised(revised(3, 4, 10), 2)).toBe(false);
    expect(log.lines.map((line) => line.text)).toEqual([
      `9 bars of 1s, {${Date.parse(at(0))}} to {${Date.parse(at(8))}}, were revised, up to revision 4`,
    ]);
    happenings.revised(revised(20, 1, 30), 2);
    expect(log.lines).toHaveLength(2);
    expect(log.lines[0]?.text).toContain('is now revision 1: close 2.00, volume 10');
  });

  it('tells one cut of many symbols in one line', () => {
    const log = new EventLog();
    const happenings = new Happenings(log);
    for (const symbol of ['AAPL', 'MSFT', 'XOM', 'SPY', 'QQQ']) {
      const gap = { symbol, source: 'demo', from: at(1), to: at(11), reason: 'disconnect', expected: null } as const;
      happenings.gap({ ...gap, type: 'gap', timestamp: at(11), state: 'backfilled', repaired: 20 });
    }
    expect(log.lines.map((line) => line.text)).toEqual([
      `AAPL, MSFT, XOM and 2 more: gap from {${Date.parse(at(1))}} to {${Date.parse(at(11))}} repaired: 100 events fetched`,
    ]);
  });
});

describe('words and numbers', () => {
  it('judges freshness: closed is never stale', () => {
    expect(freshness(3_600_000, false, 10_000)).toBe('closed');
    expect(freshness(undefined, true, 10_000)).toBe('none');
    expect(freshness(4_000, true, 10_000)).toBe('live');
    expect(freshness(6_000, true, 10_000)).toBe('late');
    expect(freshness(10_001, true, 10_000)).toBe('stale');
  });

  it('fits prices of any size', () => {
    expect(fixed(0.00000123, priceDigits(0.00000123, 'crypto'))).toBe('0.000001230');
    expect(fixed(1.0862, priceDigits(1.0862, 'forex'))).toBe('1.08620');
    expect(fixed(104_233.5, priceDigits(104_233.5, 'crypto'))).toBe('104,233.50');
    expect(fixed(undefined, 2)).toBe('–');
  });

  it('tells direction without colour', () => {
    expect(signed(1.2, 2)).toBe('▲ +1.20');
    expect(signed(-1.2, 2, ' %')).toBe('▼ −1.20 %');
    expect(signed(0.001, 2)).toBe('■ 0.00');
  });

  it('keeps times short', () => {
    expect([0, 3_000, 119_000, 600_000, 8_000_000, 259_200_000].map(ageText)).toEqual([
      'now',
      '3 s',
      '119 s',
      '10 min',
      '2 h',
      '3 d',
    ]);
    expect([0.00003, 0.0005, 0.05, 5, 300, 9000].map(duration)).toEqual([
      '30 µs',
      '500 µs',
      '50 ms',
      '5.0 s',
      '5 min',
      '2 h 30 min',
    ]);
  });

  it('turns times into chart seconds and refuses what is no time', () => {
    expect(chartSeconds(epochMs('2026-01-30T08:15:00.999Z'))).toBe(1_769_760_900);
    expect(() => epochMs('yesterday')).toThrow('not an RFC 3339 time');
    expect(timeframeMs('15m')).toBe(900_000);
    expect(() => timeframeMs('15')).toThrow('not a timeframe');
  });

  it('renders a time in its zone, with the right name on both sides of a DST change', () => {
    const clock = new ZoneClock('exchange', 'America/New_York');
    expect(clock.full(Date.UTC(2026, 0, 30, 14, 2, 11))).toBe('30 Jan 2026 09:02:11 EST');
    expect(clock.full(Date.UTC(2026, 6, 30, 14, 2, 11))).toBe('30 Jul 2026 10:02:11 EDT');
    expect(new ZoneClock('utc', 'America/New_York').timeWithZone(0)).toBe('00:00:00 UTC');
  });

  it('reads quantiles from cumulative buckets', () => {
    const bucket = (le: string, value: number) => ({ value, labels: { le, stage: 'bars' }, metricName: 'x_bucket' });
    const metrics = new MetricSet({
      at: '2026-01-30T08:15:00Z',
      sources: {},
      tape: { last_seq: null, durable_seq: null },
      heap: { used_bytes: 1, total_bytes: 1, rss_bytes: 1 },
      metrics: [
        { name: 'x', help: '', type: 'histogram', values: [bucket('1', 50), bucket('2', 100), bucket('+Inf', 100)] },
      ],
    });
    expect(metrics.quantiles('x', 'stage', 'bars')).toEqual({ p50: 1, p99: 1.98, count: 100 });
    expect(metrics.quantiles('y')).toBeUndefined();
    expect(metrics.sum('y')).toBeUndefined();
  });
});
