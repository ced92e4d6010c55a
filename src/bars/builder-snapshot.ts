import { NumberReader, NumberWriter, TickloomError } from '../base/index.ts';
import type { BarAssembly } from './bar-assembly.ts';
import { BAR_FIELDS } from './bar-fields.ts';
import type { BarCounters } from './bar-sink.ts';

import type { EarlyCancels } from './early-cancels.ts';
import { ledgerLength, ledgerRecord } from './symbol-state.ts';
import { heldTick, type TickRing } from './tick-ring.ts';

const { LABEL, BAR_WIDTH } = BAR_FIELDS;

const FORMAT = 3;

/** Bars kept before those that may change: a feature is re-run from a copy of its state at most this far back. */
const LEAST_RERUN_BARS = 64;

/** All that later outputs depend on: records, ledgers, due closings, early cancels, and the ticks within the horizon. */
export function saveBuilder(
  assembly: BarAssembly,
  ring: TickRing,
  cancels: EarlyCancels,
  horizonUs: number,
): readonly Uint8Array[] {
  const writer = new NumberWriter();
  const put = writer.put;
  for (const value of [FORMAT, assembly.layout.width, assembly.announcer.nowUs]) put(value);
  for (const name of Object.keys(assembly.announcer.counters).sort())
    put(assembly.announcer.counters[name as keyof BarCounters]);
  assembly.schedule.save(put);
  cancels.save(put);
  for (let symbol = 0; symbol < assembly.symbols; symbol++) {
    const state = assembly.knownState(symbol);
    if (state === undefined) continue;
    put(symbol);
    saveState(assembly, symbol, state, writer);
    for (let timeframe = 0; timeframe < assembly.timeframes.length; timeframe++) {
      saveSeries(assembly, symbol, timeframe, state, writer);
    }
    ring.save(symbol, firstToKeep(ring, symbol, assembly.announcer.nowUs - horizonUs), writer);
  }
  put(-1);
  return writer.parts();
}

function saveState(assembly: BarAssembly, symbol: number, state: Float64Array, writer: NumberWriter): void {
  const row = assembly.hotRow(symbol);
  writer.putRange(assembly.hot, row, row + assembly.layout.hotWidth);
  for (const layout of assembly.layout.series) {
    const length = ledgerLength(state, layout);
    writer.put(length);
    for (let i = 0; i < length; i++) {
      const at = ledgerRecord(state, layout, i);
      writer.putRange(state, at, at + BAR_WIDTH);
    }
  }
}

/**
 * Of a series only the bars that may still change, those whose records the ledger holds, and as many before them: a
 * feature that is re-run from a revised bar starts from a saved state some bars earlier.
 */
function saveSeries(
  assembly: BarAssembly,
  symbol: number,
  timeframe: number,
  state: Float64Array,
  writer: NumberWriter,
): void {
  const series = assembly.announcer.seriesOf(symbol, timeframe);
  const layout = assembly.layout.series[timeframe] as (typeof assembly.layout.series)[number];
  const hasLedger = ledgerLength(state, layout) > 0;
  const found = hasLedger ? series.find(state[ledgerRecord(state, layout, 0) + LABEL] as number) : series.length;
  series.save(Math.max(0, (found < 0 ? -1 - found : found) - Math.max(LEAST_RERUN_BARS, layout.capacity)), writer);
}

/** The newest tick before the horizon is kept too: it shows that none within it is missing. */
function firstToKeep(ring: TickRing, symbol: number, afterUs: number): number {
  const tick = heldTick();
  let index = ring.pushed(symbol);
  while (index > ring.oldest(symbol)) {
    index--;
    ring.read(symbol, index, tick);
    if (tick.recv <= afterUs) break;
  }
  return index;
}

/** @throws TickloomError `bad-snapshot` where the bytes are cut or come from other options. */
export function restoreBuilder(bytes: Uint8Array, assembly: BarAssembly, ring: TickRing, cancels: EarlyCancels): void {
  const reader = new NumberReader(
    bytes,
    () => new TickloomError('bad-snapshot', 'The snapshot of the bars ends too early.'),
  );
  const { take } = reader;
  if (take() !== FORMAT || take() !== assembly.layout.width) {
    throw new TickloomError('bad-snapshot', 'The snapshot of the bars was made with other timeframes or windows.');
  }
  assembly.announcer.nowUs = take();
  for (const name of Object.keys(assembly.announcer.counters).sort())
    assembly.announcer.counters[name as keyof BarCounters] = take();
  assembly.schedule.load(take);
  cancels.load(take);
  for (let symbol = take(); symbol >= 0; symbol = take()) {
    const state = assembly.stateOf(symbol);
    loadState(assembly, symbol, state, reader);
    for (let timeframe = 0; timeframe < assembly.timeframes.length; timeframe++) {
      assembly.announcer.seriesOf(symbol, timeframe).load(reader);
    }
    ring.load(symbol, reader);
  }
}

function loadState(assembly: BarAssembly, symbol: number, state: Float64Array, reader: NumberReader): void {
  const row = assembly.hotRow(symbol);
  reader.takeRange(assembly.hot, row, row + assembly.layout.hotWidth);
  for (const layout of assembly.layout.series) {
    state[layout.first] = 0;
    const length = reader.take();
    state[layout.first + 1] = length;
    reader.takeRange(state, layout.records, layout.records + length * BAR_WIDTH);
  }
}
