/** How far a long piece of work has come. */
export interface ProgressState {
  /** 0 to 1; undefined while the total is unknown. */
  readonly fraction?: number;
  /** What is counted, for example `41k/66k events`. */
  readonly detail: string;
}

const REDRAW_MS = 100;
const LINE_MS = 5_000;
const WIDTH = 24;

/**
 * A bar that redraws in place on a terminal, and one plain line every five seconds elsewhere. It writes to the stream
 * of hints, never to the stream of results.
 */
export class Progress {
  private readonly stream: NodeJS.WriteStream;
  private readonly label: string;
  private readonly isTerminal: boolean;
  private readonly startMs: number;
  private readonly nowMs: () => number;
  private lastMs: number;
  private hasDrawn = false;

  constructor(label: string, stream: NodeJS.WriteStream, nowMs: () => number) {
    this.label = label;
    this.stream = stream;
    this.nowMs = nowMs;
    this.isTerminal = stream.isTTY === true && process.env['TERM'] !== 'dumb';
    this.startMs = nowMs();
    this.lastMs = this.startMs - (this.isTerminal ? REDRAW_MS : 0);
  }

  update(state: ProgressState): void {
    const now = this.nowMs();
    if (now - this.lastMs < (this.isTerminal ? REDRAW_MS : LINE_MS)) return;
    this.lastMs = now;
    this.write(state, now);
  }

  /** Draws the last state and leaves the line. */
  done(state: ProgressState): void {
    if (!this.isTerminal && !this.hasDrawn) return;
    this.write(state, this.nowMs());
    if (this.isTerminal) this.stream.write('\n');
  }

  private write(state: ProgressState, now: number): void {
    this.hasDrawn = true;
    const text = progressText(this.label, state, (now - this.startMs) / 1_000);
    if (!this.isTerminal) {
      this.stream.write(`${text}\n`);
      return;
    }
    const room = Math.max(20, (this.stream.columns ?? 80) - WIDTH - 4);
    this.stream.write(`\r\x1b[K${bar(state.fraction)} ${text.slice(0, room)}`);
  }
}

function bar(fraction: number | undefined): string {
  const filled = fraction === undefined ? 0 : Math.round(Math.min(1, Math.max(0, fraction)) * WIDTH);
  return `[${'█'.repeat(filled)}${'·'.repeat(WIDTH - filled)}]`;
}

/** `replay  62%  41k/66k events  eta 3 s`. */
export function progressText(label: string, state: ProgressState, elapsedS: number): string {
  const parts = [label];
  if (state.fraction !== undefined) parts.push(`${Math.floor(state.fraction * 100)}%`);
  parts.push(state.detail);
  if (state.fraction !== undefined && state.fraction > 0.01 && state.fraction < 1) {
    parts.push(`eta ${Math.ceil((elapsedS * (1 - state.fraction)) / state.fraction)} s`);
  }
  return parts.join('  ');
}

/** 950, 41k, 1.2M: counts for people. */
export function shortCount(count: number): string {
  if (count < 1_000) return String(Math.round(count));
  if (count < 1_000_000) return `${trimmed(count / 1_000)}k`;
  return `${trimmed(count / 1_000_000)}M`;
}

function trimmed(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toFixed(1)));
}
