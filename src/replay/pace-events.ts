import type { Clock } from '../host/index.ts';
import { EventBatch, type EventSource } from '../model/index.ts';

export interface Pace {
  /** Seconds of receive time per second of the clock: 1 is as it was; `max` does not wait. */
  readonly speed: number | 'max';
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** Longest time between two looks at the clock; batches are cut so that events come about this often. */
const STEP_MS = 20;

/**
 * Plays a stream at a pace: an event is given out when as much time has passed on the clock as between its receive
 * time and that of the first event, divided by the speed. Falling behind is caught up, never skipped. Ends early when
 * the signal is aborted.
 */
export function paceEvents(events: EventSource, pace: Pace): EventSource {
  const { speed } = pace;
  if (speed === 'max') return events;
  return { [Symbol.asyncIterator]: () => play(events, speed, pace) };
}

async function* play(events: EventSource, speed: number, { clock, signal }: Pace): AsyncGenerator<EventBatch> {
  let startUs: number | undefined;
  const startMs = clock.monotonicMs();
  let out = new EventBatch(1);
  for await (const batch of events) {
    if (out.capacity < batch.length) out = new EventBatch(batch.capacity);
    let from = 0;
    while (from < batch.length) {
      if (signal?.aborted === true) return;
      startUs ??= batch.tsRecvUs[from] as number;
      const nowUs = startUs + (clock.monotonicMs() - startMs) * 1_000 * speed;
      const end = firstAfter(batch, from, nowUs);
      if (end === from) {
        const waitMs = ((batch.tsRecvUs[from] as number) - nowUs) / 1_000 / speed;
        await clock.sleep(Math.min(Math.max(waitMs, 1), STEP_MS), signal);
        continue;
      }
      yield from === 0 && end === batch.length ? batch : part(batch, from, end, out);
      from = end;
    }
  }
}

function firstAfter(batch: EventBatch, from: number, nowUs: number): number {
  let end = from;
  while (end < batch.length && (batch.tsRecvUs[end] as number) <= nowUs) end++;
  return end;
}

function part(batch: EventBatch, from: number, end: number, out: EventBatch): EventBatch {
  out.clear();
  out.copyRows(batch, from, end);
  const { rawOf } = batch;
  if (rawOf !== undefined) out.rawOf = (row) => rawOf(from + row);
  return out;
}
