import { Prng } from '../base/index.ts';
import type { Clock } from '../host/index.ts';
import type { Fault, FaultSet } from './fault-spec.ts';

const REQUEST_FAULTS = ['429', '429-bare', '5xx', 'quota'] as const;
export type RequestFault = (typeof REQUEST_FAULTS)[number];

export interface StruckRequest {
  readonly fault: RequestFault;
  /** Seconds of Retry-After; absent where the fault sends none. */
  readonly retryAfterS?: number;
  readonly status: number;
}

const SERVER_ERRORS = [500, 502, 503, 504];

/** Which requests are refused: the first N, a share drawn per request, or those above a limit per window. */
export class RequestFaults {
  private readonly faults: FaultSet;
  private readonly clock: Clock;
  private readonly chances: readonly Prng[];
  private readonly seen = new Map<RequestFault, number>();
  private readonly passed = new Map<RequestFault, number[]>();

  constructor(faults: FaultSet, seed: number, clock: Clock) {
    this.faults = faults;
    this.clock = clock;
    this.chances = REQUEST_FAULTS.map((_kind, i) => new Prng(seed * 64 + 40 + i));
  }

  /** What strikes the request in hand; every request is to be shown once. */
  strike(): StruckRequest | undefined {
    let struck: StruckRequest | undefined;
    REQUEST_FAULTS.forEach((kind, i) => {
      const fault = this.faults.get(kind);
      if (fault === undefined) return;
      const chance = this.chances[i] as Prng;
      const retryAfterS = this.judge(kind, fault, chance.uniform());
      if (retryAfterS === undefined || struck !== undefined) return;
      const status = kind === '5xx' ? (SERVER_ERRORS[chance.u32() % 4] as number) : kind === 'quota' ? 200 : 429;
      struck = { fault: kind, status, ...(kind === '429' ? { retryAfterS } : {}) };
    });
    return struck;
  }

  /** Seconds to wait when the request is refused. */
  private judge(kind: RequestFault, fault: Fault, draw: number): number | undefined {
    const seen = (this.seen.get(kind) ?? 0) + 1;
    this.seen.set(kind, seen);
    const waitS = fault.seconds > 0 ? fault.seconds : 1;
    if (fault.rate > 0) return this.overRate(kind, fault);
    if (fault.count > 0) return seen <= fault.count ? waitS : undefined;
    return draw < fault.share ? waitS : undefined;
  }

  private overRate(kind: RequestFault, { rate, windowMs }: Fault): number | undefined {
    const nowMs = this.clock.monotonicMs();
    const passed = (this.passed.get(kind) ?? []).filter((atMs) => nowMs - atMs < windowMs);
    this.passed.set(kind, passed);
    if (passed.length < rate) {
      passed.push(nowMs);
      return undefined;
    }
    return Math.max(1, Math.ceil((windowMs - (nowMs - (passed[0] as number))) / 1_000));
  }
}
