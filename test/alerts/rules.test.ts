import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alertFact } from '../../src/alerts/alert-fact.ts';
import type { AlertRule } from '../../src/alerts/alert-rule.ts';
import { dryRun } from '../../src/alerts/dry-run.ts';
import { matchesGlob } from '../../src/alerts/glob.ts';
import { isQuiet } from '../../src/alerts/quiet-hours.ts';
import { SystemWatch } from '../../src/alerts/system-watch.ts';
import type { BusEvent } from '../../src/bus/index.ts';

const NOON_US = Date.UTC(2026, 0, 30, 12) * 1_000;
const MINUTE_US = 60_000_000;

const RULE: AlertRule = {
  name: 'all',
  kinds: ['pattern', 'regime', 'signal', 'anomaly', 'system'],
  symbols: [],
  patterns: [],
  level: 'LOW',
  minConfidence: 0,
  quietHours: undefined,
  coolDownUs: 0,
  mode: 'on',
  webhooks: [],
};

function event(id: number, type: string, wire: object, further: Partial<BusEvent> = {}): BusEvent {
  const channels: Record<string, string> = { pattern_match: 'pattern_matches', signal: 'signals', alert: 'alerts' };
  return {
    id,
    channel: channels[type] ?? 'regime_changes',
    type,
    symbol: 'AAPL',
    timeframe: '1m',
    atUs: NOON_US + id * MINUTE_US,
    pattern: undefined,
    status: undefined,
    level: undefined,
    text: JSON.stringify({ type, id, change: 'new', replaces: null, ...wire }),
    ...further,
  };
}

function pattern(id: number, wire: object = {}, further: Partial<BusEvent> = {}): BusEvent {
  const status = further.status ?? 'TRIGGERED';
  const said = { status, confidence: 80, entry_signal: 'BUY', direction: 'up', family: 'chart', ...wire };
  return event(id, 'pattern_match', said, { pattern: '7', status, ...further });
}

function fired(rule: Partial<AlertRule>, events: readonly BusEvent[]) {
  return dryRun([{ ...RULE, ...rule }], events)[0];
}

describe('filters', () => {
  it('go by kind, symbol, pattern, level and confidence', () => {
    const signal = event(2, 'signal', { action: 'STRONG SELL', score: -90, confidence: 60 });
    const events = [pattern(1), signal, event(3, 'regime_change', { from: {}, to: { trend: 'weak_bull' } })];
    expect(fired({}, events)?.fired).toBe(3);
    expect(fired({ mode: 'off' }, events)?.fired).toBe(0);
    expect(fired({ kinds: ['regime'] }, events)?.fired).toBe(1);
    expect(fired({ level: 'HIGH' }, events)?.fired).toBe(1);
    expect(fired({ level: 'MEDIUM' }, [pattern(1, { family: 'candlestick' })])?.fired).toBe(0);
    expect(fired({ minConfidence: 61 }, events)?.fired).toBe(2);
    expect(fired({ symbols: ['A*L'] }, events)?.fired).toBe(3);
    expect(fired({ symbols: ['BTC*'] }, events)?.fired).toBe(0);
    expect(fired({ patterns: ['8'] }, events)?.fired).toBe(2);
    expect(fired({ kinds: ['pattern'] }, [pattern(1, {}, { status: 'WATCHING' })])?.fired).toBe(0);
  });

  it('pass over what the channel of alerts says again of a pattern, and what rules said', () => {
    const alert = { kind: 'system', message: 'Low disk: 5 MB free', level: 'CRITICAL' };
    const events = [
      event(1, 'alert', { ...alert, kind: 'pattern' }, { pattern: '7', level: 'HIGH' }),
      event(2, 'alert', { ...alert, kind: 'signal' }, { status: 'rule', level: 'HIGH' }),
      event(3, 'alert', alert, { status: 'system', level: 'CRITICAL', symbol: undefined }),
    ];
    expect(fired({ level: 'CRITICAL' }, events)).toMatchObject({ fired: 1, bySymbol: { '': 1 } });
  });

  it('say what it is in a sentence', () => {
    expect(alertFact(pattern(1))?.message).toBe('AAPL 1m: pattern #7 triggered - BUY signal');
    const regime = event(2, 'regime_change', { from: { volatility: 'low', trend: null }, to: { volatility: 'high' } });
    expect(alertFact(regime)?.message).toBe('AAPL 1m: regime low/- -> high/-');
  });
});

describe('time', () => {
  it('of the event decides on the cool-down, per symbol', () => {
    const events = [1, 2, 3, 4, 5, 6].map((id) => pattern(id));
    const other = pattern(7, {}, { symbol: 'MSFT' });
    expect(fired({ coolDownUs: 2 * MINUTE_US }, [...events, other])).toMatchObject({
      fired: 4,
      coolDown: 3,
      bySymbol: { AAPL: 3, MSFT: 1 },
      firstUs: NOON_US + MINUTE_US,
    });
  });

  it('of the day is that of the zone, over midnight and over a change of the clocks', () => {
    const night = { fromMinute: 22 * 60, toMinute: 7 * 60, zone: 'America/New_York' };
    const at = (text: string): boolean => isQuiet(night, Date.parse(text) * 1_000);
    expect(at('2026-01-30T03:00:00Z')).toBe(true);
    expect(at('2026-01-30T02:59:59.999Z')).toBe(false);
    expect(at('2026-01-30T11:59:59Z')).toBe(true);
    expect(at('2026-01-30T12:00:00Z')).toBe(false);
    expect(at('2026-07-30T11:00:00Z')).toBe(false);
    expect(at('2026-07-30T02:00:00Z')).toBe(true);
    const quiet = { quietHours: { fromMinute: 12 * 60, toMinute: 12 * 60 + 3, zone: 'UTC' } };
    expect(
      fired(
        quiet,
        [1, 2, 3, 4].map((id) => pattern(id)),
      ),
    ).toMatchObject({ fired: 2, quiet: 2 });
  });

  it('does not keep a correction from who was told the first version', () => {
    const first = pattern(1);
    const withdrawn = pattern(2, { change: 'withdrawn', replaces: 1, status: 'WATCHING' }, { status: 'WATCHING' });
    const never = pattern(3, { change: 'withdrawn', replaces: 99 });
    const rule = { coolDownUs: 60 * MINUTE_US, minConfidence: 10 };
    expect(fired(rule, [first, withdrawn, never])).toMatchObject({ fired: 2, coolDown: 1 });
    expect(fired(rule, [withdrawn])).toMatchObject({ fired: 0 });
    expect(alertFact(withdrawn)?.message).toMatch(/withdrawn/);
  });
});

describe('globs', () => {
  it('mean what the same expression means', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 12 });
    const glob = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 8 });
    fc.assert(
      fc.property(glob, text, (pattern, subject) => {
        const source = pattern.replace(/\./g, '\\.').replace(/\*+/g, '.*').replace(/\?/g, '.');
        expect(matchesGlob(pattern, subject)).toBe(new RegExp(`^${source}$`).test(subject));
      }),
    );
  });
});

describe('the watch over the program', () => {
  const well = { staleSymbols: 0, openBreakers: 0, lagMs: 5, slowestStage: undefined, diskFreeBytes: 1e12 };
  const bounds = { staleSymbols: 2, lagMs: 1_000, stageMs: 50, diskFreeMb: 100, looks: 2 };

  it('tells of each fault once when it lasts, and once when it is over', () => {
    const said: string[] = [];
    const watch = new SystemWatch(bounds, (level, message) => said.push(`${level} ${message}`));
    const bad = {
      ...{ staleSymbols: 3, openBreakers: 1, lagMs: 1_500 },
      ...{ slowestStage: { name: 'engine', meanMs: 75 }, diskFreeBytes: 1_048_576 },
    };
    watch.look(bad);
    watch.look(well);
    for (let look = 0; look < 5; look++) watch.look(bad);
    expect(said).toEqual([
      'HIGH Stale data: 3 symbols without news in session',
      'HIGH Open breaker: 1 sources are not asked',
      'MEDIUM Latency: 1500 ms behind, target 1000 ms',
      'MEDIUM Slow stage: engine takes 75.0 ms a batch, target 50 ms',
      'CRITICAL Low disk: 1 MB free, least 100 MB',
    ]);
    said.length = 0;
    for (let look = 0; look < 5; look++) watch.look(well);
    expect(said.length).toBe(5);
    expect(said.every((text) => text.startsWith('LOW'))).toBe(true);
  });

  it('leaves alone what is turned off or can not be told', () => {
    const said: string[] = [];
    const off = { staleSymbols: 0, lagMs: 0, stageMs: 0, diskFreeMb: 1, looks: 1 };
    const watch = new SystemWatch(off, (_level, message) => said.push(message));
    watch.look({ ...well, staleSymbols: 9, lagMs: 1e9, diskFreeBytes: undefined });
    expect(said).toEqual([]);
  });
});
