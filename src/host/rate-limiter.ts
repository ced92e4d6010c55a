import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { TickloomError } from '../base/index.ts';
import type { Clock } from './clock.ts';
import { systemCode } from './file-system.ts';

/** What may be spent; absent = without a limit of that length. */
export interface RateLimits {
  readonly perSecond?: number;
  readonly perMinute?: number;
  readonly perDay?: number;
}

export interface RateLimiterOptions {
  /** Whose limits they are, for messages. */
  readonly name: string;
  readonly limits: RateLimits;
  /** File that keeps what was spent over restarts. */
  readonly path: string;
  readonly clock: Clock;
}

interface Window {
  readonly name: 'second' | 'minute' | 'day';
  readonly lengthUs: number;
  readonly limit: number;
  /** Times and costs, oldest first. */
  spent: (readonly [us: number, cost: number])[];
}

/** The other side counts by arrival: requests may travel this much closer together than they were sent. */
const TRAVEL_US = 250_000;

/** The part of every limit that background work may spend. */
const BACKGROUND_SHARE = 0.8;
/** How often background work looks whether those before it are done. */
const ROOM_LOOK_MS = 20;

/**
 * Keeps requests within a plan: in no stretch of a second, minute or day, wherever it begins, is more spent than its
 * limit. Waits for the short limits; a spent day is an error at once, so that another source can serve.
 */
export class RateLimiter {
  private readonly options: RateLimiterOptions;
  private readonly windows: Window[];
  private turn: Promise<void> = Promise.resolve();
  /** Callers of {@link take} that wait. */
  private waiting = 0;
  private blockedUntilUs = 0;

  constructor(options: RateLimiterOptions) {
    this.options = options;
    const { perSecond, perMinute, perDay } = options.limits;
    const lengths = [
      ['second', 1_000_000, perSecond],
      ['minute', 60_000_000, perMinute],
      ['day', 86_400_000_000, perDay],
    ] as const;
    this.windows = lengths.flatMap(([name, lengthUs, limit]) =>
      limit === undefined ? [] : [{ name, lengthUs: lengthUs + TRAVEL_US, limit, spent: [] }],
    );
    this.load();
  }

  /**
   * Resolves when `cost` may be spent, and counts it. Callers are served in order.
   * @throws TickloomError `quota-spent` when the day has not enough left, `aborted` when `signal` was aborted.
   */
  take(cost: number, signal?: AbortSignal): Promise<void> {
    this.waiting++;
    const taken = this.turn.then(() => this.wait(cost, signal)).finally(() => this.waiting--);
    this.turn = taken.catch(() => undefined);
    return taken;
  }

  /**
   * Resolves when nobody waits and so much is left of every limit that, after `cost`, a fifth of it is still free: for
   * work that others go before.
   * @throws TickloomError `quota-spent` when the day has no such room, `aborted`.
   */
  async room(cost: number, signal?: AbortSignal): Promise<void> {
    const { clock, name } = this.options;
    for (;;) {
      if (signal?.aborted === true) throw new TickloomError('aborted', `${name}: not asked any more.`);
      const nowUs = clock.nowUs();
      let waitUs = Math.max(0, this.blockedUntilUs - nowUs);
      for (const window of this.windows) {
        const limit = Math.max(1, Math.floor(window.limit * BACKGROUND_SHARE));
        const needUs = this.waitUs({ ...window, limit }, cost, nowUs);
        if (needUs > 0 && window.name === 'day') {
          throw new TickloomError(
            'quota-spent',
            `${name}: what is left of the ${window.limit} requests of the day is kept for live data.`,
            { subject: name },
          );
        }
        waitUs = Math.max(waitUs, needUs);
      }
      if (waitUs <= 0 && this.waiting === 0) return;
      await clock.sleep(Math.max(ROOM_LOOK_MS, Math.ceil(waitUs / 1_000)), signal);
    }
  }

  private async wait(cost: number, signal: AbortSignal | undefined): Promise<void> {
    const { clock, name } = this.options;
    for (;;) {
      if (signal?.aborted === true) throw new TickloomError('aborted', `${name}: not asked any more.`);
      const nowUs = clock.nowUs();
      const day = this.windows.find((window) => window.name === 'day');
      if (day !== undefined && this.waitUs(day, cost, nowUs) > 0) {
        throw new TickloomError('quota-spent', `${name}: the ${day.limit} requests of the day are used up.`, {
          subject: name,
        });
      }
      const waitUs = Math.max(
        this.blockedUntilUs - nowUs,
        ...this.windows.map((each) => this.waitUs(each, cost, nowUs)),
      );
      if (waitUs <= 0) break;
      await clock.sleep(Math.ceil(waitUs / 1_000), signal);
    }
    const nowUs = clock.nowUs();
    for (const window of this.windows) window.spent.push([nowUs, cost]);
    this.save();
  }

  /** How long until a window has room for a cost. A cost above the limit goes when the window is empty. */
  private waitUs(window: Window, cost: number, nowUs: number): number {
    const { spent, lengthUs } = window;
    // A time ahead of the clock is from before the clock was set back: it can not be aged and goes.
    const firstIn = spent.findIndex(([us]) => us > nowUs - lengthUs);
    window.spent = firstIn < 0 ? [] : spent.slice(firstIn);
    let excess = window.spent.reduce((sum, [, each]) => sum + each, 0) + cost - window.limit;
    for (const [us, each] of window.spent) {
      if (excess <= 0) return 0;
      excess -= each;
      if (excess <= 0 || us === window.spent.at(-1)?.[0]) return us + lengthUs - nowUs;
    }
    return 0;
  }

  /** The other side asked for a pause: nothing is taken before it is over. */
  pause(ms: number): void {
    this.blockedUntilUs = Math.max(this.blockedUntilUs, this.options.clock.nowUs() + ms * 1_000);
  }

  /** What is left of the tightest limit, `undefined` where there is none. */
  remaining(): { readonly window: string; readonly left: number; readonly limit: number } | undefined {
    const nowUs = this.options.clock.nowUs();
    const left = this.windows.map(({ name, limit, lengthUs, spent }) => {
      const used = spent.reduce((sum, [us, cost]) => (us > nowUs - lengthUs ? sum + cost : sum), 0);
      return { window: name, left: Math.max(0, limit - used), limit };
    });
    return left.sort((a, b) => a.left / a.limit - b.left / b.limit)[0];
  }

  private load(): void {
    let text: string;
    try {
      text = readFileSync(this.options.path, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return;
      throw error;
    }
    try {
      const saved = JSON.parse(text) as Readonly<Record<string, (readonly [number, number])[]>>;
      for (const window of this.windows) window.spent = [...(saved[window.name] ?? [])];
    } catch (error) {
      throw new TickloomError('bad-limits-file', `${this.options.path} can not be read; move it away.`, {
        subject: this.options.path,
        cause: error,
      });
    }
  }

  /** Written before the request goes out: a killed process has not forgotten what it spent. */
  private save(): void {
    if (this.windows.length === 0) return;
    const { path } = this.options;
    mkdirSync(dirname(path), { recursive: true });
    const draft = `${path}.new`;
    writeFileSync(draft, JSON.stringify(Object.fromEntries(this.windows.map(({ name, spent }) => [name, spent]))));
    renameSync(draft, path);
  }
}
