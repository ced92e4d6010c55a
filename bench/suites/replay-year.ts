import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CountingSink, DEFAULT_ENGINE_SETTINGS, DigestSink, Engine, fanOut } from '../../src/engine/index.ts';
import { Universe } from '../../src/model/index.ts';
import { findInputFiles, readFiles } from '../../src/replay/index.ts';
import { BAR_DATA, ColumnBatch, LakeStore, ulid } from '../../src/stores/index.ts';
import { CEILINGS, ceilingResults } from '../ceilings.ts';
import { Report, type SuiteResult } from '../figure.ts';
import { median, threadCpuMs } from '../measure.ts';
import { randomBars } from '../random-market.ts';
import { FEATURES } from './features.ts';

const SYMBOLS = 100;
const BARS = 8_000;
const YEAR_BARS = 98_280;
const MINUTE_US = 60_000_000;
const START_US = 1_700_006_400_000_000;
const ROUNDS = 2;

/** Minute bars of 100 symbols out of the lake and through the engine to 17 features. */
export async function replayYear(): Promise<SuiteResult> {
  const report = new Report('replay.year');
  const directory = mkdtempSync(join(tmpdir(), 'tickloom-year-'));
  try {
    await fillLake(directory);
    const nanos: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const taken = await replayLake(directory);
      if (round > 0) nanos.push(taken);
    }
    const ours = median(nanos);
    const seconds = (ours * YEAR_BARS * SYMBOLS) / 1e9;
    report.note(`a year of ${SYMBOLS} symbols by that: ${seconds.toFixed(1)} s of the main thread's CPU time`);
    report.note('ours: lake to features; there are no patterns yet, which the ceiling has (about a third of its time)');
    const c = ceilingResults(CEILINGS.replay, report)?.get('replay C features+20 patterns')?.value;
    if (c !== undefined) report.less(ours, 'ns/bar', 'scalar C, features and 20 patterns, bars in memory', c);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return report;
}

async function fillLake(directory: string): Promise<void> {
  const market = randomBars(17, SYMBOLS, BARS);
  const batch = new ColumnBatch(BAR_DATA, '1m', SYMBOLS * BARS);
  const symbols = Array.from({ length: SYMBOLS }, (_, s) => batch.internText(0, `SYM${s}`));
  const source = batch.internText(11, 'bench');
  for (let i = 0; i < SYMBOLS * BARS; i++) {
    const start = START_US + Math.floor(i / SYMBOLS) * MINUTE_US;
    const row = batch.begin();
    const cells = [
      symbols[i % SYMBOLS] as number,
      start,
      start + MINUTE_US,
      market.open[i] as number,
      market.high[i] as number,
      market.low[i] as number,
      market.close[i] as number,
      market.volume[i] as number,
      ((market.high[i] as number) + (market.low[i] as number)) / 2,
      50,
      0,
      source,
      1,
    ];
    for (let k = 0; k < cells.length; k++) (batch.columns[k] as Float64Array)[row] = cells[k] as number;
  }
  const store = await LakeStore.open({ directory, run: ulid(0), mode: 'append' });
  await store.write(batch);
  await store.close();
}

/** CPU time of the main thread per bar, reading included. */
async function replayLake(directory: string): Promise<number> {
  const universe = new Universe();
  for (let s = 0; s < SYMBOLS; s++) {
    universe.add({
      symbol: `SYM${s}`,
      assetClass: 'equity',
      calendar: 'always',
      currency: 'USD',
      barBasis: 'trades',
    });
  }
  const settings = { ...DEFAULT_ENGINE_SETTINGS, timeframes: ['1m'], features: FEATURES };
  const engine = new Engine(settings, universe, {});
  const counts = new CountingSink();
  const digest = new DigestSink(universe, ['1m'], FEATURES.length);
  engine.sink = fanOut([digest, counts]);
  const files = await findInputFiles([join(directory, 'lake')]);
  const before = threadCpuMs();
  for await (const batch of readFiles({ files, universe })) engine.handle(batch);
  engine.finish();
  const nanos = ((threadCpuMs() - before) * 1e6) / (SYMBOLS * BARS);
  if (counts.features !== SYMBOLS * BARS) {
    throw new Error(`replay.year: ${counts.features} feature vectors of ${SYMBOLS * BARS} bars came out.`);
  }
  return nanos;
}
