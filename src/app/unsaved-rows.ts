import { existsSync } from 'node:fs';
import type { EngineSettings, EngineSink } from '../engine/index.ts';
import { nodeFileSystem } from '../host/index.ts';
import { type EventBatch, Universe } from '../model/index.ts';
import { type RunRecord, RunsCatalogue, readTape, SnapshotStore, tapeDirectory } from '../recorder/index.ts';
import { MemoryStore, StoreSink } from '../stores/index.ts';
import type { TickloomConfig } from './config/index.ts';
import { configuredUniverse, engineSettings } from './engine-config.ts';
import { readRunSnapshot } from './live/run-snapshot.ts';
import { Pipeline } from './pipeline.ts';

/** What the tape of a running or killed program holds of a symbol and the stores do not, yet. */
export interface UnsavedRows {
  readonly store: MemoryStore;
  readonly featureNames: readonly string[];
}

/**
 * Works through the end of the tape as a start would, in memory and for one symbol: the rows of events after
 * `coveredSeq` (and of some before it, for what the engine needs to know). `undefined` where the stores hold all.
 */
export async function unsavedRows(
  config: TickloomConfig,
  symbol: string,
  coveredSeq: number,
  onHole: (sentence: string) => void,
): Promise<UnsavedRows | undefined> {
  const dataDir = config.data_dir;
  if (!existsSync(tapeDirectory(dataDir)) || (await isCovered(dataDir, coveredSeq))) return undefined;
  const { settings, snapshot } = await newestState(config, coveredSeq);
  const universe = configuredUniverse(config);
  const store = new MemoryStore({ maxRowsPerSeries: Number.POSITIVE_INFINITY });
  const parts = new Pipeline(settings, universe).engine.parts;
  const sink = new StoreSink({
    universe,
    timeframes: parts.timeframes.map((timeframe) => timeframe.text),
    featureNames: parts.plan.names,
    stores: [{ store, flushEveryUs: Number.POSITIVE_INFINITY }],
    isTape: false,
  });
  const { engine } = new Pipeline(settings, universe, [onlySymbol(sink, () => universe.find(symbol))]);
  if (snapshot !== undefined) readRunSnapshot(snapshot.bytes, engine);
  const fromSeq = (snapshot?.seq ?? 0) + 1;
  for await (const batch of readTape({
    dataDir,
    universe,
    fromSeq,
    onHole: (hole) =>
      onHole(`the tape has a hole: events ${hole.fromSeq} to ${hole.toSeq ?? 'the end'} (${hole.reason})`),
  })) {
    engine.handle(batch);
    if (sink.isBehind) await sink.drain();
  }
  await sink.flush();
  return { store, featureNames: parts.plan.names };
}

async function isCovered(dataDir: string, coveredSeq: number): Promise<boolean> {
  const onHole = (): void => undefined; // A hole is told of when the rows are read.
  for await (const batch of readTape({ dataDir, universe: new Universe(), fromSeq: coveredSeq + 1, onHole })) {
    if (batch.length > 0) return false;
  }
  return true;
}

/** The settings of the newest run, and the newest snapshot that was made with them and is not past `maxSeq`. */
async function newestState(config: TickloomConfig, maxSeq: number) {
  const directory = tapeDirectory(config.data_dir);
  const runs = await new RunsCatalogue(nodeFileSystem, directory).list();
  const settingsOf = (run: RunRecord | undefined): EngineSettings | undefined =>
    (run?.engine as { readonly settings?: EngineSettings } | undefined)?.settings;
  const settings = settingsOf(runs.at(-1)) ?? engineSettings(config);
  // A damaged snapshot costs time only: an older one, or the whole tape, leads to the same rows.
  const snapshot = await new SnapshotStore(nodeFileSystem, directory).latest(maxSeq, () => undefined);
  const maker = runs.findLast((run) => run.firstSeq - 1 <= (snapshot?.seq ?? 0));
  const isUsable = JSON.stringify(settingsOf(maker)) === JSON.stringify(settings);
  return { settings, snapshot: isUsable ? snapshot : undefined };
}

/** Passes on what concerns one symbol. */
function onlySymbol(sink: EngineSink, symbol: () => number | undefined): EngineSink {
  const isWanted = (id: number | undefined): boolean => id !== undefined && id === symbol();
  const row = (batch: EventBatch, index: number): boolean => isWanted(batch.symbol[index]);
  return {
    onTrade: (batch, i, quality, reasons) => row(batch, i) && sink.onTrade?.(batch, i, quality, reasons),
    onQuote: (batch, i, quality, reasons) => row(batch, i) && sink.onQuote?.(batch, i, quality, reasons),
    onAmendment: (batch, i, quality) => row(batch, i) && sink.onAmendment?.(batch, i, quality),
    onBar: (bar, change) => isWanted(bar.symbol) && sink.onBar?.(bar, change),
    onBarRetracted: (bar, change) => isWanted(bar.symbol) && sink.onBarRetracted?.(bar, change),
    onFeatures: (bar, values, offset) => isWanted(bar.symbol) && sink.onFeatures?.(bar, values, offset),
    onBatchEnd: (nowUs) => sink.onBatchEnd?.(nowUs),
  };
}
