/** What is painted, and how often at most. */
export interface PaintTargets {
  /** Applies what arrived; says whether anything did. */
  readonly takeIn: (nowMs: number) => boolean;
  readonly paintFast: (nowMs: number) => void;
  readonly paint: (nowMs: number) => void;
}

const FAST_MS = 100;
const TABLE_MS = 250;
/** Ages go on although nothing came. */
const IDLE_MS = 1_000;

/**
 * The page's beat: charts at most ten times a second, tables four times, and once a second when nothing came. A
 * hidden tab takes events in once a second (browsers slow its timers) and paints nothing until it is seen again.
 */
export class Painter {
  readonly #targets: PaintTargets;
  #lastTableMs = 0;
  #isDirty = true;
  #isFrameAsked = false;

  constructor(targets: PaintTargets) {
    this.#targets = targets;
    window.setInterval(() => this.#beat(), FAST_MS);
    document.addEventListener('visibilitychange', () => this.request());
  }

  /** Asks for a paint of everything on the next beat. */
  request(): void {
    this.#isDirty = true;
    this.#lastTableMs = 0;
  }

  #beat(): void {
    const nowMs = Date.now();
    if (this.#targets.takeIn(nowMs)) this.#isDirty = true;
    if (document.hidden || this.#isFrameAsked) return;
    if (!this.#isDirty && nowMs - this.#lastTableMs < IDLE_MS) return;
    this.#isFrameAsked = true;
    requestAnimationFrame(() => this.#frame());
  }

  #frame(): void {
    this.#isFrameAsked = false;
    const nowMs = Date.now();
    this.#targets.paintFast(nowMs);
    if (nowMs - this.#lastTableMs < TABLE_MS) return;
    this.#lastTableMs = nowMs;
    this.#isDirty = false;
    this.#targets.paint(nowMs);
  }
}
