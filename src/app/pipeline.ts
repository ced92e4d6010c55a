import {
  CountingSink,
  DigestSink,
  Engine,
  type EngineSettings,
  type EngineSink,
  FinalBarsDigestSink,
  fanOut,
} from '../engine/index.ts';
import type { Universe } from '../model/index.ts';

/** The engine with the sinks that every run has: digests and counters, then whatever the run plugs in. */
export class Pipeline {
  readonly engine: Engine;
  readonly digest: DigestSink;
  readonly finalBars: FinalBarsDigestSink;
  readonly counts = new CountingSink();

  constructor(settings: EngineSettings, universe: Universe, sinks: readonly EngineSink[] = []) {
    const engine: Engine = new Engine(settings, universe, {});
    const { timeframes, plan } = engine.parts;
    this.digest = new DigestSink(
      universe,
      timeframes.map((timeframe) => timeframe.text),
      plan.names.length,
    );
    this.finalBars = new FinalBarsDigestSink(universe, timeframes);
    engine.sink = fanOut([this.digest, this.finalBars, this.counts, ...sinks]);
    this.engine = engine;
  }
}
