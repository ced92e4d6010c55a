import { UsageError } from '../base/index.ts';
import { alpacaSimulator } from './alpaca/alpaca.ts';
import { alphavantageSimulator } from './alphavantage/alphavantage.ts';
import { binanceSimulator } from './binance/binance.ts';
import { coingeckoSimulator } from './coingecko/coingecko.ts';
import { finnhubSimulator } from './finnhub/finnhub.ts';
import { fredSimulator } from './fred/fred.ts';
import { polygonSimulator } from './polygon/polygon.ts';
import type { SimulatorDefinition } from './provider.ts';
import { twelvedataSimulator } from './twelvedata/twelvedata.ts';
import { yahooSimulator } from './yahoo/yahoo.ts';

/** One line per provider. */
export const SIMULATORS: readonly SimulatorDefinition[] = [
  alpacaSimulator,
  polygonSimulator,
  binanceSimulator,
  finnhubSimulator,
  twelvedataSimulator,
  alphavantageSimulator,
  yahooSimulator,
  coingeckoSimulator,
  fredSimulator,
];

/** @throws UsageError naming the providers that exist. */
export function findSimulator(name: string): SimulatorDefinition {
  const found = SIMULATORS.find((definition) => definition.name === name);
  if (found !== undefined) return found;
  const known = SIMULATORS.map((definition) => definition.name).join(', ');
  throw new UsageError(`There is no simulator "${name.slice(0, 40)}"; allowed: ${known}.`, { subject: 'name' });
}
