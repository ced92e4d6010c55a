import type { BusEvent, EventDraft } from './event-draft.ts';

/** Who publishes does not know who listens, nor whether they are in this process. */
export interface EventBus {
  /**
   * Gives an event its id, keeps it and tells the listeners. Returns `undefined`, and tells nobody, when this very
   * statement was published before (recovery after a crash says again what the engine said).
   */
  publish(draft: EventDraft): number | undefined;
  /** Hears of every event from now on; returns the call that ends it. */
  listen(listener: (event: BusEvent) => void): () => void;
}
