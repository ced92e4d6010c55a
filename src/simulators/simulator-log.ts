import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { formatMicros, UsageError } from '../base/index.ts';
import { type Clock, systemCode } from '../host/index.ts';
import { EVENT_KIND_NAMES, EventKind } from '../model/index.ts';
import type { SimulatedTape } from './tape.ts';

/** Bytes that may wait for the disk; policy at the bound: `block`, {@link SimulatorLog.settled} makes the player wait. */
const MOST_PENDING_BYTES = 8 * 1024 * 1024;

/** One event as it stood on the wire, in units of the tape. */
export interface SentEvent {
  readonly kind: string;
  readonly symbol: string;
  /** Id of a trade, as providers with ids send it. */
  readonly id?: string;
  readonly ts_us: number;
  /** Price and size; bid, bid size, ask, ask size; or open, high, low, close. */
  readonly values: readonly (number | null)[];
  /** Position in the tape. */
  readonly row: number;
}

/**
 * What a simulator did, as JSON lines: every line has `at` (time of the machine), `at_us` and `type`. Keys and tokens
 * never reach it: authentication is logged as the fact that it happened.
 */
export class SimulatorLog {
  readonly isOn: boolean;
  private readonly clock: Clock;
  private readonly stream: WriteStream | undefined;
  private isClosed = false;

  private constructor(clock: Clock, stream: WriteStream | undefined) {
    this.clock = clock;
    this.stream = stream;
    this.isOn = stream !== undefined;
  }

  /** @param path file to write anew; absent: nothing is logged. @throws UsageError when it cannot be written. */
  static async open(path: string | undefined, clock: Clock): Promise<SimulatorLog> {
    if (path === undefined) return new SimulatorLog(clock, undefined);
    const stream = createWriteStream(path);
    try {
      await once(stream, 'open');
    } catch (cause) {
      throw new UsageError(`--log ${path} cannot be written (${systemCode(cause) ?? String(cause)}).`, {
        subject: 'log',
        cause,
      });
    }
    return new SimulatorLog(clock, stream);
  }

  write(type: string, fields: Readonly<Record<string, unknown>> = {}): void {
    // Sockets that end with the simulator may tell so after the last line.
    if (this.stream === undefined || this.isClosed) return;
    const atUs = this.clock.nowUs();
    this.stream.write(`${JSON.stringify({ at: formatMicros(atUs), at_us: atUs, type, ...fields })}\n`);
  }

  /** Resolves when the disk has caught up. */
  async settled(): Promise<void> {
    if (this.stream !== undefined && this.stream.writableLength > MOST_PENDING_BYTES) await once(this.stream, 'drain');
  }

  async close(): Promise<void> {
    const { stream } = this;
    this.isClosed = true;
    if (stream !== undefined) await new Promise<void>((done) => stream.end(done));
  }
}

/** A row of the tape as the log tells it. */
export function describeEvent(tape: SimulatedTape, row: number): SentEvent {
  const kind = tape.kind[row] as EventKind;
  const isTrade = kind === EventKind.Trade || kind === EventKind.Correction;
  const columns = isTrade ? [tape.p0, tape.p1] : [tape.p0, tape.p1, tape.p2, tape.p3];
  const id = kind === EventKind.Trade ? tape.tradeId(row) : tape.amendedId(row);
  return {
    kind: EVENT_KIND_NAMES[kind],
    symbol: tape.symbolText(row),
    ...(id === '' ? {} : { id }),
    ts_us: tape.tsEventUs[row] as number,
    values: columns.map((column) => numberOrNull(column[row] as number)),
    row,
  };
}

function numberOrNull(value: number): number | null {
  return value === value ? value : null;
}
