import { expect, test } from 'vitest';
import { loadConfig } from '../../src/app/config/index.ts';

const SECTION = `
streaming:
  enabled: true
  provider: demo
  ticker: XOM
  interval: "10s"
  pattern_matching:
    tolerance_pct: 5.0
    min_confidence_threshold: 50
    trigger_threshold: 90
  regime_detection:
    window_size: 20
    volatility_thresholds: { low: 1.5, medium: 3.0 }
  estimation: { base_weight: 0.4, regime_weight: 0.3, confidence_weight: 0.3 }
  dashboard: { ws_port: 5001 }
`;

function load(text: string, flags: readonly { key: string; value: string; flag: string }[] = []) {
  return loadConfig({ flags, environment: {}, dotEnv: new Map(), file: { name: 'config.yaml', text } });
}

test('the streaming section sets source, symbols and the timeframe that is analysed', () => {
  const { config, entries } = load(SECTION);
  expect(config.source).toEqual(['demo']);
  expect(config.symbols).toEqual(['XOM']);
  expect(config.patterns.timeframes).toEqual(['10s']);
  expect(config.bars.timeframes).toContain('10s');
  expect(config.bars.timeframes).toContain('1m');
  const symbols = entries.find(({ path }) => path === 'symbols');
  expect(symbols).toMatchObject({ origin: 'file', where: expect.stringContaining('(streaming.ticker)') });
});

test('what somebody sets wins over the streaming section', () => {
  const { config } = load(SECTION, [{ key: 'symbols', value: 'AAPL,MSFT', flag: '--symbols' }]);
  expect(config.symbols).toEqual(['AAPL', 'MSFT']);
  expect(config.patterns.timeframes).toEqual(['10s']);
});

test('several tickers with commas', () => {
  expect(load('streaming: { enabled: true, ticker: "xom, aapl" }').config.symbols).toEqual(['XOM', 'AAPL']);
});

test('a section that is not enabled changes nothing but its own keys', () => {
  const { config } = load(SECTION.replace('enabled: true', 'enabled: false'));
  expect(config.symbols).toEqual([]);
  expect(config.patterns.timeframes).toEqual(['1m', '5m', '15m', '1h', '1d']);
  expect(config.streaming.dashboard.ws_port).toBe(5001);
});
