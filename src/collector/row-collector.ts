import { EventBatch, EventKind } from '../model/index.ts';
import type { ControlOutcome, RowOutlet } from '../sources/index.ts';

/** Most of a raw frame that is kept with a Malformed event. */
const MAX_RAW = 4_096;
/** Different reasons and details that are reported once each; further ones are counted only. */
const MAX_SHAPES = 1_000;

/** Something unreadable, told of the first time it turns up. */
export interface StrangeShape {
  readonly reason: string;
  readonly detail: string;
}

export interface RowCollectorOptions {
  /** Id of the source in the universe. */
  readonly sourceId: number;
  readonly capacity?: number;
  onShape?(shape: StrangeShape): void;
}

/**
 * Takes what an adapter reads: rows into batches in their order, outcomes into a list. Batches are used again once they
 * were given back.
 */
export class RowCollector implements RowOutlet {
  readonly outcomes: ControlOutcome[] = [];
  /** Filled batches in order; the last may still have room. */
  readonly filled: EventBatch[] = [];
  /** Rows that could not be read. */
  rejected = 0;
  /** Those of them that held something documented: data was lost. */
  damaged = 0;
  private readonly spare: EventBatch[] = [];
  private readonly options: RowCollectorOptions;
  private readonly shapes = new Set<string>();
  private recvUs = 0;

  constructor(options: RowCollectorOptions) {
    this.options = options;
  }

  /** Says when the frame that is read next was received. */
  begin(recvUs: number): void {
    this.recvUs = recvUs;
  }

  batch(): EventBatch {
    const last = this.filled.at(-1);
    if (last !== undefined && !last.isFull) return last;
    const next = this.spare.pop() ?? new EventBatch(this.options.capacity ?? 4_096);
    next.clear();
    this.filled.push(next);
    return next;
  }

  control(outcome: ControlOutcome): void {
    this.outcomes.push(outcome);
  }

  reject(reason: 'bad-frame' | 'unknown-shape' | 'bad-row', detail: string, raw: string | Uint8Array): void {
    this.rejected++;
    if (reason !== 'unknown-shape') this.damaged++;
    const text =
      typeof raw === 'string' ? raw : Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('hex');
    const payload = { type: 'malformed', reason, detail, raw: text.slice(0, MAX_RAW) } as const;
    const { recvUs } = this;
    this.batch().addPayload(EventKind.Malformed, -1, this.options.sourceId, recvUs, recvUs, payload);
    const shape = `${reason} ${detail}`;
    if (this.shapes.has(shape) || this.shapes.size >= MAX_SHAPES) return;
    this.shapes.add(shape);
    this.options.onShape?.({ reason, detail });
  }

  /** Gives a batch back for use. */
  recycle(batch: EventBatch): void {
    if (this.spare.length < 64) this.spare.push(batch);
  }
}

/** A copy of a batch without some of its rows. */
export function withoutRows(batch: EventBatch, rows: ReadonlySet<number>): EventBatch {
  const rest = new EventBatch(batch.capacity);
  for (let row = 0; row < batch.length; row++) if (!rows.has(row)) rest.copyRow(batch, row);
  return rest;
}
