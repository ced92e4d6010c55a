import { EventBatch, type EventSource } from '../model/index.ts';

/** The same events in batches of `size` rows (the last one may be shorter). What comes of them must not change. */
export function rebatchEvents(events: EventSource, size: number): EventSource {
  return { [Symbol.asyncIterator]: () => rebatch(events, size) };
}

async function* rebatch(events: EventSource, size: number): AsyncGenerator<EventBatch> {
  const out = new EventBatch(size);
  const raws: (() => string)[] = [];
  out.rawOf = (row) => (raws[row] as () => string)();
  for await (const batch of events) {
    const { rawOf } = batch;
    for (let row = 0; row < batch.length; row++) {
      if (out.isFull) {
        yield out;
        out.clear();
      }
      const to = out.copyRow(batch, row);
      if (rawOf === undefined) out.rawOf = undefined;
      else {
        // The batch behind the row may be gone when the whole one is full: its text is taken along now.
        const raw = rawOf(row);
        raws[to] = () => raw;
        out.rawOf = (at) => (raws[at] as () => string)();
      }
    }
  }
  if (out.length > 0) yield out;
}
