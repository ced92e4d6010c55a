import type { RunMode } from './dashboard.ts';

/** `ok`: all is well; `degraded`: it works with something missing; `down`: it does not do its main job. */
export type HealthState = 'ok' | 'degraded' | 'down';

/** State of one part, with what there is to say about it. */
export interface ComponentHealth {
  readonly status: HealthState;
  readonly detail?: string;
}

/** Age of the newest event of a symbol, in seconds of engine time; null before the first one. */
export interface SymbolFreshness {
  readonly age_s: number | null;
  readonly stale: boolean;
}

/** Answer of `GET /health`; HTTP status 200 for `ok` and `degraded`, 503 for `down`. */
export interface HealthReport {
  readonly status: HealthState;
  readonly version: string;
  readonly uptime_s: number;
  readonly mode: RunMode;
  readonly components: {
    readonly sources: { readonly [source: string]: ComponentHealth };
    /** `durable_seq` is the sequence of the last event that survives a crash now; null without a tape. */
    readonly recorder: ComponentHealth & { readonly last_seq: number | null; readonly durable_seq: number | null };
    readonly history: ComponentHealth;
    readonly lake: ComponentHealth;
  };
  readonly data_freshness: { readonly [symbol: string]: SymbolFreshness };
}

/** Answer of `GET /health/live` (the process answers) and `GET /health/ready` (it may get requests; 503 when not). */
export interface ProbeReport {
  readonly status: HealthState;
  readonly reason?: string;
}
