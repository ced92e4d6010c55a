import { collectDefaultMetrics, type Metric, Registry } from 'prom-client';

export type LabelValues = { readonly [label: string]: string };

/** Sets one sample while a metric is being read. */
export type Emit = (value: number, labels?: LabelValues) => void;

interface Sample {
  readonly value: number;
  readonly labels: LabelValues;
  readonly metricName?: string;
}

/** One metric with its samples, as `/metrics/json` shows it. */
export interface MetricSamples {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly {
    readonly value: number;
    readonly labels: { readonly [label: string]: string | number };
    readonly metricName?: string;
  }[];
}

/** Most label sets of one metric. Policy: later ones are left out and counted in `tickloom_metric_labels_dropped_total`. */
export const MAX_LABEL_SETS = 1_000;

/** Seconds: 50 µs to 1 s. */
const STAGE_BUCKETS_S: readonly number[] = [
  0.000_05, 0.000_1, 0.000_2, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1,
];

/**
 * A histogram over plain numbers: `observe` is a few loads and stores, nothing is allocated. Series (stages, routes)
 * are numbered by {@link PlainHistogram.series} once, outside the hot path.
 */
export class PlainHistogram {
  private readonly bounds: Float64Array;
  private readonly labelsOf: LabelValues[] = [];
  private readonly byKey = new Map<string, number>();
  private counts: Float64Array<ArrayBuffer>;
  private sums: Float64Array<ArrayBuffer>;
  private droppedSets = 0;

  constructor(boundsS: readonly number[] = STAGE_BUCKETS_S) {
    this.bounds = Float64Array.from(boundsS);
    this.counts = new Float64Array((boundsS.length + 1) * 8);
    this.sums = new Float64Array(8);
  }

  /** Label sets that came after the bound; their observations are not kept. */
  get droppedLabelSets(): number {
    return this.droppedSets;
  }

  /** Number of the series with these labels, -1 when the bound of label sets is reached. */
  series(labels: LabelValues): number {
    const key = JSON.stringify(labels);
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const index = this.labelsOf.length;
    if (index >= MAX_LABEL_SETS) {
      this.droppedSets += 1;
      return -1;
    }
    this.byKey.set(key, index);
    this.labelsOf.push(labels);
    if (index >= this.sums.length) this.grow();
    return index;
  }

  /** Adds one duration in seconds to a series; -1 is ignored. */
  observe(series: number, seconds: number): void {
    if (series < 0) return;
    const bounds = this.bounds;
    let bucket = 0;
    while (bucket < bounds.length && seconds > (bounds[bucket] as number)) bucket++;
    const at = series * (bounds.length + 1) + bucket;
    this.counts[at] = (this.counts[at] as number) + 1;
    this.sums[series] = (this.sums[series] as number) + seconds;
  }

  /** Cumulative buckets, sums and counts as Prometheus has them. */
  samples(name: string): Sample[] {
    const width = this.bounds.length + 1;
    return this.labelsOf.flatMap((labels, series) => {
      const rows: Sample[] = [];
      let total = 0;
      for (let bucket = 0; bucket < width; bucket++) {
        total += this.counts[series * width + bucket] as number;
        const bound = this.bounds[bucket];
        const le = bound === undefined ? '+Inf' : String(bound);
        rows.push({ metricName: `${name}_bucket`, labels: { ...labels, le }, value: total });
      }
      rows.push({ metricName: `${name}_sum`, labels, value: this.sums[series] as number });
      rows.push({ metricName: `${name}_count`, labels, value: total });
      return rows;
    });
  }

  private grow(): void {
    const sums = new Float64Array(this.sums.length * 2);
    sums.set(this.sums);
    this.sums = sums;
    const counts = new Float64Array(this.counts.length * 2);
    counts.set(this.counts);
    this.counts = counts;
  }
}

/**
 * The metrics of a process. Hot counters stay plain numbers with whoever counts; a metric is a function that reads
 * them when somebody asks.
 */
export class Metrics {
  private readonly registry = new Registry();
  private readonly histograms: PlainHistogram[] = [];
  private droppedSamples = 0;
  private hasProcess = false;

  constructor() {
    this.counter(
      'tickloom_metric_labels_dropped_total',
      `Samples left out because a metric had more than ${MAX_LABEL_SETS} label sets.`,
      (emit) => {
        const dropped = this.histograms.reduce((sum, histogram) => sum + histogram.droppedLabelSets, 0);
        emit(this.droppedSamples + dropped);
      },
    );
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** Adds `process_*` and `nodejs_*`, once. Starts a monitor of the event loop. */
  collectProcess(): void {
    if (this.hasProcess) return;
    this.hasProcess = true;
    collectDefaultMetrics({ register: this.registry });
  }

  /** A number that only grows (until the process ends). Named `…_total`. */
  counter(name: string, help: string, read: (emit: Emit) => void): void {
    this.register(name, help, 'counter', () => this.collected(read));
  }

  /** A number that goes up and down. */
  gauge(name: string, help: string, read: (emit: Emit) => void): void {
    this.register(name, help, 'gauge', () => this.collected(read));
  }

  histogram(name: string, help: string, histogram: PlainHistogram): void {
    this.histograms.push(histogram);
    this.register(name, help, 'histogram', () => histogram.samples(name));
  }

  /** The text exposition format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  async json(): Promise<readonly MetricSamples[]> {
    return (await this.registry.getMetricsAsJSON()) as unknown as readonly MetricSamples[];
  }

  private register(name: string, help: string, type: string, samples: () => Sample[]): void {
    const metric = {
      name,
      help,
      get: () => Promise.resolve({ name, help, type, aggregator: 'sum', values: samples() }),
    };
    // The registry asks a metric for nothing but its name and `get()`; its declared type is the union of its own classes.
    this.registry.registerMetric(metric as unknown as Metric);
  }

  private collected(read: (emit: Emit) => void): Sample[] {
    const samples: Sample[] = [];
    read((value, labels = {}) => {
      if (samples.length >= MAX_LABEL_SETS) this.droppedSamples += 1;
      else samples.push({ value, labels });
    });
    return samples;
  }
}
