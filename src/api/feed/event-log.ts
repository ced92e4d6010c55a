import type { FeedEvent } from './feed-event.ts';

/**
 * The newest events with their ids, for `since`. Bound: `capacity` events; policy: drop-oldest, counted. A reader that
 * asks for something older is told so.
 */
export class EventLog {
  private readonly ring: (FeedEvent | undefined)[];
  private readonly capacity: number;
  private start = 0;
  private count = 0;
  private droppedCount = 0;
  /** Every event with an id from here on is in the log, if it was one to keep. */
  private completeFromId: number;

  /** @param firstId the first id that will be given out. */
  constructor(capacity: number, firstId: number) {
    this.capacity = capacity;
    this.ring = new Array<FeedEvent | undefined>(capacity);
    this.completeFromId = firstId;
  }

  get size(): number {
    return this.count;
  }

  get dropped(): number {
    return this.droppedCount;
  }

  /** The least id such that nothing from it on is missing. */
  get oldestId(): number {
    return this.completeFromId;
  }

  /** Appends an event; ids ascend. */
  push(event: FeedEvent): void {
    if (this.count === this.capacity) {
      this.completeFromId = (this.ring[this.start] as FeedEvent).id + 1;
      this.ring[this.start] = event;
      this.start = (this.start + 1) % this.capacity;
      this.droppedCount += 1;
      return;
    }
    this.ring[(this.start + this.count) % this.capacity] = event;
    this.count += 1;
  }

  /** Position (0 = oldest) of the first event with an id above `id`; `size` when there is none. */
  positionAfter(id: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle).id <= id) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  at(position: number): FeedEvent {
    return this.ring[(this.start + position) % this.capacity] as FeedEvent;
  }
}
