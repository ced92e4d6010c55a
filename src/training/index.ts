export { MiningCollector, type MiningSeries } from './mining-series.ts';
export { type MiningOptions, minePortfolio } from './portfolio-miner.ts';
