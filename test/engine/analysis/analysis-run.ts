import { Prng } from '../../../src/base/index.ts';
import {
  type AnalysisSettings,
  DEFAULT_ANALYSIS_SETTINGS,
  type EngineSink,
  fanOut,
} from '../../../src/engine/index.ts';
import type { Outcome, PatternMatch, RegimeChange, Signal } from '../../../src/model/index.ts';
import { EngineRun, SECOND, type TapeEvent } from '../engine-run.ts';

export const PORTFOLIO = {
  version: 1,
  patterns: [
    {
      id: 0,
      name: 'oversold',
      direction: 'up',
      conditions: [
        { feature: 'rsi_3', op: '<=', value: 30 },
        { feature: 'RSI_14', op: '<=', value: 55 },
      ],
      success_rate: 0.6,
      sample_size: 40,
      target_pct: 0.3,
      stop_pct: 0.2,
      horizon_bars: 8,
    },
    { id: 'high', name: 'overbought', direction: 'down', conditions: [{ feature: 'rsi_3', op: '>', value: 75 }] },
  ],
};

export const ANALYSIS: AnalysisSettings = {
  ...DEFAULT_ANALYSIS_SETTINGS,
  timeframes: ['1s', '5s'],
  portfolio: PORTFOLIO,
  barriers: { ...DEFAULT_ANALYSIS_SETTINGS.barriers, horizonBars: 6 },
};

export type Said =
  | ({ readonly kind: 'pattern' } & PatternMatch)
  | ({ readonly kind: 'regime' } & RegimeChange)
  | ({ readonly kind: 'signal' } & Signal);

/** An engine run with everything that the analysis said. */
export class AnalysisRun extends EngineRun {
  readonly said: Said[] = [];
  readonly outcomes: Outcome[] = [];

  constructor(analysis: AnalysisSettings = ANALYSIS, revisionWindowMs = 30_000) {
    super({ timeframes: ['1s', '5s'], revisionWindowMs, analysis });
    const listener: EngineSink = {
      onPattern: (match) => void this.said.push({ kind: 'pattern', ...match }),
      onRegime: (change) => void this.said.push({ kind: 'regime', ...change }),
      onSignal: (signal) => void this.said.push({ kind: 'signal', ...signal }),
      onOutcome: (outcome) => void this.outcomes.push(outcome),
    };
    this.engine.sink = fanOut([this.engine.sink, listener]);
  }

  /** What a client holds that followed every statement, by number. */
  standing(): Map<number, Said> {
    const held = new Map<number, Said>();
    for (const one of this.said) {
      if (one.replaces !== undefined && !held.delete(one.replaces)) throw new Error(`${one.replaces} is not held`);
      if (one.change !== 'withdrawn') held.set(one.id, one);
    }
    return held;
  }
}

/** Trades of two random walks, one about every 400 ms each, in order. */
export function walk(seed: number, seconds: number): TapeEvent[] {
  const prng = new Prng(seed);
  const events: TapeEvent[] = [];
  for (const symbol of [0, 1]) {
    let price = 100;
    for (let ts = 0; ts < seconds * SECOND; ts += Math.floor((0.1 + prng.uniform() * 0.6) * SECOND)) {
      price *= 1 + 0.001 * prng.gauss();
      events.push({
        kind: 'trade',
        symbol,
        ts,
        numbers: [Math.round(price * 100) / 100, 1 + Math.floor(prng.uniform() * 50)],
      });
    }
  }
  return events.toSorted((a, b) => a.ts - b.ts).map((event, i) => ({ ...event, id: i + 1 }));
}
