import { encodeTextFrame } from './frame.ts';
import type { Topic } from './topic.ts';

/** What an event says. It is turned into text when the first reader needs it, and once for all readers. */
export interface EventBody {
  /** The whole event as JSON, with its `id`. */
  toJson(id: number): string;
}

/** One event on its way to the clients. */
export class FeedEvent {
  readonly id: number;
  readonly topic: Topic;
  /**
   * Where this is set, a later event with the same key makes this one superfluous to a client that has not got it yet.
   * Trades and final bars have none: they are delivered, or the client is cut.
   */
  readonly conflationKey: string | undefined;
  private readonly body: EventBody;
  private encoded: Buffer | undefined;

  constructor(id: number, topic: Topic, conflationKey: string | undefined, body: EventBody) {
    this.id = id;
    this.topic = topic;
    this.conflationKey = conflationKey;
    this.body = body;
  }

  /** The event as a WebSocket frame. */
  frame(): Buffer {
    this.encoded ??= encodeTextFrame(this.body.toJson(this.id));
    return this.encoded;
  }

  /** Lets go of the frame: the log keeps the compact body only. */
  forgetFrame(): void {
    this.encoded = undefined;
  }
}
