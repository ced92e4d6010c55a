import { UsageError } from '../base/index.ts';
import type { AdapterDefinition } from './adapter.ts';
import { ALPACA } from './alpaca/alpaca-adapter.ts';
import { ALPHAVANTAGE } from './alphavantage/alphavantage-adapter.ts';
import { BINANCE } from './binance/binance-adapter.ts';
import { COINGECKO } from './coingecko/coingecko-adapter.ts';
import { type DemoOptions, DemoSource } from './demo/demo-source.ts';
import { FINNHUB } from './finnhub/finnhub-adapter.ts';
import { FRED } from './fred/fred-adapter.ts';
import { POLYGON } from './polygon/polygon-adapter.ts';
import type { Source, SourcePorts } from './source.ts';
import { TWELVEDATA } from './twelvedata/twelvedata-adapter.ts';
import { YAHOO } from './yahoo/yahoo-adapter.ts';

/** Settings of the sources as the configuration gives them, under `sources`. */
export interface SourceSettings {
  readonly demo?: DemoOptions;
}

/** One line per source: its id, a word about it and how it is made. */
export interface SourceDefinition {
  readonly id: string;
  readonly summary: string;
  create(ports: SourcePorts, settings: SourceSettings): Source;
}

export const SOURCES: readonly SourceDefinition[] = [
  {
    id: 'demo',
    summary: 'a seeded market that needs no key and never closes',
    create: (ports, settings) => new DemoSource(ports, settings.demo),
  },
];

/** One line per provider that the collector speaks to through an adapter. */
export const ADAPTERS: readonly AdapterDefinition[] = [
  BINANCE,
  ALPACA,
  POLYGON,
  FINNHUB,
  TWELVEDATA,
  ALPHAVANTAGE,
  YAHOO,
  COINGECKO,
  FRED,
];

/** @throws UsageError naming the sources that exist. */
export function createSource(id: string, ports: SourcePorts, settings: SourceSettings): Source {
  const definition = SOURCES.find((candidate) => candidate.id === id);
  if (definition === undefined) {
    const known = SOURCES.map((candidate) => candidate.id).join(', ');
    throw new UsageError(`There is no source "${id}"; there is ${known}.`, { subject: 'source' });
  }
  return definition.create(ports, settings);
}
