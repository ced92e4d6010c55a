import type { AdapterCase } from '../adapter-case.ts';
import { ALPACA_CASE } from './alpaca.ts';
import { ALPHAVANTAGE_CASE } from './alphavantage.ts';
import { BINANCE_CASE } from './binance.ts';
import { COINGECKO_CASE } from './coingecko.ts';
import { FINNHUB_CASE } from './finnhub.ts';
import { FRED_CASE } from './fred.ts';
import { POLYGON_CASE } from './polygon.ts';
import { TWELVEDATA_CASE } from './twelvedata.ts';
import { YAHOO_CASE } from './yahoo.ts';

/** Documented payloads, one entry per provider. */
export const ADAPTER_CASES: readonly AdapterCase[] = [
  BINANCE_CASE,
  ALPACA_CASE,
  POLYGON_CASE,
  FINNHUB_CASE,
  TWELVEDATA_CASE,
  ALPHAVANTAGE_CASE,
  YAHOO_CASE,
  COINGECKO_CASE,
  FRED_CASE,
];
