import type { BarPage, BarRow, FeatureSnapshot, GapList, QuarantineList, RunStatus } from '../protocol/index.ts';

/** Answers shown in `/openapi.json`; test/api checks each against the schema of its route. */

const BAR: BarRow = {
  start: '2026-01-30T08:15:00Z',
  open: 105.9,
  high: 106.04,
  low: 105.87,
  close: 106,
  volume: 18_250,
  vwap: 105.961,
  trade_count: 212,
  timeframe: '1m',
  final: true,
  revision: 0,
  source: 'demo',
  quality: 1,
};

export const BAR_PAGE_EXAMPLE: BarPage = { symbol: 'XOM', timeframe: '1m', bars: [BAR], next_cursor: null };

export const FEATURES_EXAMPLE: FeatureSnapshot = {
  symbol: 'XOM',
  timeframe: '1m',
  start: '2026-01-30T08:15:00Z',
  features: [
    { name: 'rsi_14', value: 57.2, unit: '0..100', description: 'Relative strength index (Wilder).', bars_to_warm: 0 },
    { name: 'adx_14', value: null, unit: '0..100', description: 'Average directional index.', bars_to_warm: 6 },
  ],
};

export const GAPS_EXAMPLE: GapList = {
  gaps: [
    {
      symbol: 'XOM',
      source: 'demo',
      from: '2026-01-30T08:15:00Z',
      to: '2026-01-30T08:15:20Z',
      state: 'backfilled',
      reason: 'disconnect',
      repaired: 71,
      expected: null,
    },
  ],
  next_cursor: null,
};

export const QUARANTINE_EXAMPLE: QuarantineList = {
  items: [
    {
      id: '41',
      received_at: '2026-01-30T08:15:00.125Z',
      source: 'demo',
      symbol: 'XOM',
      kind: 'trade',
      reason: 'price-not-positive',
      detail: 'A price is not above 0 (price -1).',
      raw: '{"p":-1,"s":100}',
    },
  ],
  total: 1,
  next_cursor: null,
};

export const RUN_EXAMPLE: RunStatus = {
  mode: 'demo',
  speed: null,
  run_id: '01KFX1V4S8',
  version: '0.1.0',
  digest: '5f1c3a9be7d20846',
  engine_time: '2026-01-30T08:15:00Z',
  lag_ms: 3.2,
  uptime_s: 61,
  events: 12_200,
  events_per_s: 200,
  stale: 0,
  symbols: 12,
  breakers_open: 0,
  training: 'off',
  can_break: true,
};
