/** Counters of one source since the start of the process. Trades are never conflated or dropped. */
export interface SourceCounters {
  readonly received: number;
  readonly stored: number;
  readonly quarantined: number;
  readonly conflated: number;
  readonly dropped: number;
}

/** One metric of the Prometheus registry with its samples. */
export interface MetricJson {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly {
    readonly value: number;
    readonly labels: { readonly [label: string]: string | number };
    /** Name of the sample where it differs from the metric's (`…_bucket`, `…_sum`, `…_count`). */
    readonly metricName?: string;
  }[];
}

/** Answer of `GET /metrics/json`. */
export interface MetricsDocument {
  readonly at: string;
  readonly sources: { readonly [source: string]: SourceCounters };
  /** Null for a run without a tape. */
  readonly tape: { readonly last_seq: number | null; readonly durable_seq: number | null };
  readonly heap: { readonly used_bytes: number; readonly total_bytes: number; readonly rss_bytes: number };
  readonly metrics: readonly MetricJson[];
}
