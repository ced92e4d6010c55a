import type { Engine } from '../../engine/index.ts';
import { EventBatch, EventKind, type Gap } from '../../model/index.ts';
import type { Source, StreamStart } from '../../sources/index.ts';

/** From where a source goes on that the engine holds something of: all but the time that it reaches back to. */
export type HeldStart = Omit<StreamStart, 'afterUs' | 'bySource'> & {
  readonly afterEventUs: ReadonlyMap<string, number>;
};

/** What the engine holds of the symbols of a source whose newest event is that source's. */
export function heldOf(engine: Engine, source: Source): HeldStart {
  const afterTradeIds = new Map<string, number>();
  const afterEventUs = new Map<string, number>();
  const missing = new Map<string, readonly Gap[]>();
  const sourceId = engine.universe.sources.intern(source.id);
  for (const { symbol } of source.instruments()) {
    const held = engine.heldOf(engine.universe.intern(symbol), sourceId);
    if (held === undefined) continue;
    missing.set(symbol, held.unfilled);
    afterEventUs.set(symbol, held.lastUs);
    if (held.lastId !== undefined) afterTradeIds.set(symbol, held.lastId);
  }
  return { afterTradeIds, afterEventUs, missing };
}

/** Where every source of a run goes on, and the newest event of every symbol whichever source it came from. */
export function heldOfAll(
  engine: Engine,
  sources: readonly Source[],
): { readonly all: HeldStart; readonly bySource: ReadonlyMap<string, HeldStart> } {
  const bySource = new Map(sources.map((source) => [source.id, heldOf(engine, source)] as const));
  const merged = <Value>(pick: (start: HeldStart) => ReadonlyMap<string, Value> | undefined): Map<string, Value> =>
    new Map([...bySource.values()].flatMap((start) => [...(pick(start) ?? [])]));
  const all = {
    afterTradeIds: merged((start) => start.afterTradeIds),
    afterEventUs: merged((start) => start.afterEventUs),
    missing: merged((start) => start.missing),
  };
  return { all, bySource };
}

/** Says that nothing was heard of the sources since the run before: the gap ledger has an entry for it. */
export function restartNotices(engine: Engine, bySource: ReadonlyMap<string, HeldStart>): EventBatch {
  const held = [...bySource].filter(([, { afterEventUs }]) => afterEventUs.size > 0);
  const notices = new EventBatch(Math.max(1, held.length));
  for (const [id] of held) {
    const source = engine.universe.sources.intern(id);
    const payload = { type: 'status', state: 'disconnected', reason: 'restart' } as const;
    notices.addPayload(EventKind.Status, -1, source, engine.nowUs, engine.nowUs, payload);
  }
  return notices;
}
