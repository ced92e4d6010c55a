import type { DatabaseSync } from 'node:sqlite';
import type { BusEvent } from './event-draft.ts';
import { chainLinks, EventStore, eventOf, eventsAfter } from './event-store.ts';
import type { ChainLink } from './signal-chain.ts';

/** The event log of a data directory, opened beside the process that writes it. */
export class EventReader {
  private readonly database: DatabaseSync;

  /** @throws TickloomError `events-unusable` */
  constructor(path: string) {
    this.database = EventStore.openForReading(path);
  }

  /** One event by its id, or the newest of a statement by its number. */
  event(id: number): BusEvent | undefined {
    return eventOf(this.database, id);
  }

  /** Events of some channels with an id above `id`, ascending. */
  after(id: number, channels: readonly string[], limit: number): readonly BusEvent[] {
    return eventsAfter(this.database, id, channels, limit);
  }

  /** The links of the signal log in order. */
  links(): Iterable<ChainLink> {
    return chainLinks(this.database);
  }

  close(): void {
    this.database.close();
  }
}
