import type { Micros } from '../base/index.ts';
import { EventBatch, type EventSource, type Universe } from '../model/index.ts';

export interface EventSelection {
  /** Events with event time in [fromUs, toUs). */
  readonly fromUs?: Micros;
  readonly toUs?: Micros;
  /** Generic symbols; events that concern no symbol always pass. */
  readonly symbols?: readonly string[];
}

/** The selected events of a stream, in its order. Without any selection the stream itself. */
export function selectEvents(events: EventSource, universe: Universe, selection: EventSelection): EventSource {
  const { fromUs = Number.NEGATIVE_INFINITY, toUs = Number.POSITIVE_INFINITY, symbols } = selection;
  const isEverything = selection.fromUs === undefined && selection.toUs === undefined && symbols === undefined;
  if (isEverything) return events;
  const wanted = symbols === undefined ? undefined : new Set(symbols);
  return { [Symbol.asyncIterator]: () => select(events, universe, fromUs, toUs, wanted) };
}

async function* select(
  events: EventSource,
  universe: Universe,
  fromUs: Micros,
  toUs: Micros,
  symbols: ReadonlySet<string> | undefined,
): AsyncGenerator<EventBatch> {
  const isWanted = wantedSymbols(universe, symbols);
  let out = new EventBatch(1);
  for await (const batch of events) {
    if (out.capacity < batch.length) out = new EventBatch(batch.capacity);
    out.clear();
    const rows: number[] = [];
    for (let row = 0; row < batch.length; row++) {
      const us = batch.tsEventUs[row] as number;
      if (us < fromUs || us >= toUs || !isWanted(batch.symbol[row] as number)) continue;
      out.copyRow(batch, row);
      rows.push(row);
    }
    if (out.length === 0) continue;
    const rawOf = batch.rawOf;
    if (out.length === batch.length) yield batch;
    else {
      out.rawOf = rawOf === undefined ? undefined : (row) => rawOf(rows[row] as number);
      yield out;
    }
  }
}

/** Decides by symbol id, each looked up once. */
function wantedSymbols(universe: Universe, symbols: ReadonlySet<string> | undefined): (id: number) => boolean {
  if (symbols === undefined) return () => true;
  const known = new Map<number, boolean>();
  return (id) => {
    if (id < 0) return true;
    let isWanted = known.get(id);
    if (isWanted === undefined) {
      isWanted = symbols.has(universe.symbol(id));
      known.set(id, isWanted);
    }
    return isWanted;
  };
}
