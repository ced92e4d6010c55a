import type { SuiteResult } from '../figure.ts';
import { barsBuild } from './bars.ts';
import { fanout1000 } from './fanout.ts';
import { featuresLockstep, featuresStream } from './features.ts';
import { ingestJson } from './ingest.ts';
import { lakeSize, lakeWrite } from './lake.ts';
import { e2eLatency } from './latency.ts';
import { memory1000 } from './memory.ts';
import { patternsCandlesticks, patternsTolerance } from './patterns.ts';
import { patternsCharts, patternsNoise } from './patterns-charts.ts';
import { publishStatement } from './publish.ts';
import { replayTicks } from './replay-ticks.ts';
import { replayYear } from './replay-year.ts';
import { soakLive } from './soak.ts';
import { signalsUniverse } from './universe.ts';

/** Every suite by the id of its claim, in the order in which they run. */
export const SUITES: Readonly<Record<string, () => SuiteResult | Promise<SuiteResult>>> = {
  'features.stream': featuresStream,
  'features.lockstep': featuresLockstep,
  'bars.build': barsBuild,
  'ingest.json': ingestJson,
  'patterns.candlesticks': patternsCandlesticks,
  'patterns.tolerance': patternsTolerance,
  'patterns.charts': patternsCharts,
  'patterns.noise': patternsNoise,
  'signals.universe': signalsUniverse,
  'replay.year': replayYear,
  'replay.ticks': replayTicks,
  'lake.size': lakeSize,
  'lake.write': lakeWrite,
  'fanout.1000': fanout1000,
  'publish.statement': publishStatement,
  'e2e.latency': e2eLatency,
  'soak.live': soakLive,
  'memory.1000': memory1000,
};
