import { writeFileSync } from 'node:fs';
import { UsageError } from '../base/index.ts';
import { Engine } from '../engine/index.ts';
import { systemClock } from '../host/index.ts';
import { readPortfolio } from '../patterns/index.ts';
import { MiningCollector, minePortfolio } from '../training/index.ts';
import { Progress, type ProgressState } from './cli/progress.ts';
import type { ActionContext, MineOptions } from './options.ts';
import { type ReplayInput, replayInput } from './replay-input.ts';

/**
 * Features that candidates are made of. All are free of the price's size and of the length of a bar, so that a threshold
 * means the same for every symbol, and warm within 28 bars.
 */
const FEATURES: readonly string[] = [
  'rsi_14',
  'stoch_fast_k_14',
  'stoch_d',
  'williams_r_7',
  'cci_20',
  'bb_position_20',
  'adx_14',
  'plus_di_14',
  'minus_di_14',
  'volume_ratio_20',
];

/** What a portfolio file may hold. */
const MOST_PATTERNS = 1_000;
const MOST_HORIZON_BARS = 5_000;

/** Reads history, mines a portfolio from it and writes the file. */
export async function runMine(context: ActionContext, options: MineOptions): Promise<number> {
  refuseAbove('--patterns', options.patterns, MOST_PATTERNS);
  refuseAbove('--horizon', options.horizon, MOST_HORIZON_BARS);
  const input = await replayInput(options.paths, context.config, {});
  await input.check();
  const series = await collect(context, input, options);
  if (series === undefined) {
    context.stderr.write('stopped before the end; nothing was written\n');
    return 1;
  }
  const { timeframe, patterns, horizon: horizonBars, seed } = options;
  const document = minePortfolio(series, FEATURES, { timeframe, patterns, horizonBars, seed });
  readPortfolio(document);
  const text = `${JSON.stringify(document, undefined, 2)}\n`;
  if (options.out === '-') context.stdout.write(text);
  else {
    writeDocument(options.out, text);
    context.stdout.write(options.json ? `${JSON.stringify(document.mined)}\n` : sentence(document, options.out));
  }
  return 0;
}

function refuseAbove(flag: string, value: number, most: number): void {
  if (value > most) throw new UsageError(`${flag} is ${value}; at most ${most} is allowed.`, { subject: flag });
}

async function collect(context: ActionContext, input: ReplayInput, { timeframe }: MineOptions) {
  const universe = input.newUniverse();
  const timeframes = [...new Set([...input.settings.timeframes, timeframe])];
  const { analysis: _, ...settings } = input.settings;
  const engine = new Engine(
    { ...settings, timeframes, features: FEATURES, featureTimeframes: [timeframe] },
    universe,
    {},
  );
  const place = engine.parts.timeframes.findIndex(({ text }) => text === timeframe);
  const collector = new MiningCollector(place, FEATURES.length);
  engine.sink = collector;
  const progress = new Progress('mine', context.stderr, () => systemClock.monotonicMs());
  let last: ProgressState = { fraction: 0, detail: '0 events' };
  const onProgress = (state: ProgressState): void => {
    last = state;
    progress.update(state);
  };
  for await (const batch of input.open(universe, onProgress, () => undefined)) {
    if (context.stop.aborted) return undefined;
    engine.handle(batch);
  }
  engine.finish();
  progress.done({ ...last, fraction: 1 });
  return collector.series((symbol) => universe.instrument(symbol).symbol);
}

function writeDocument(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new UsageError(`--out ${path} cannot be written: ${(error as Error).message}`, { subject: '--out' });
  }
}

function sentence(document: Readonly<Record<string, unknown>>, path: string): string {
  const { symbols, bars, candidates, tested, kept, split } = document.mined as Readonly<Record<string, unknown>>;
  const patterns = document.patterns as readonly unknown[];
  return [
    `${bars} bars of ${(symbols as readonly string[]).length} symbols; ${candidates} candidates from before ${split}, ${tested} of them tested after it`,
    `${kept} kept at a false-discovery rate of 10 %; ${patterns.length} patterns in ${path}`,
    '',
  ].join('\n');
}
