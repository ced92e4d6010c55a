import type { AdapterCase } from '../adapter-case.ts';
import { ALPACA_CASE } from './alpaca.ts';
import { BINANCE_CASE } from './binance.ts';
import { FINNHUB_CASE } from './finnhub.ts';
import { POLYGON_CASE } from './polygon.ts';
import { TWELVEDATA_CASE } from './twelvedata.ts';

/** Documented payloads, one entry per provider. */
export const ADAPTER_CASES: readonly AdapterCase[] = [
  BINANCE_CASE,
  ALPACA_CASE,
  POLYGON_CASE,
  FINNHUB_CASE,
  TWELVEDATA_CASE,
];
