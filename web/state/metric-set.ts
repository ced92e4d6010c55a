import type { MetricsDocument } from '../../src/api/protocol/index.ts';

/** One sample of a metric. */
interface Sample {
  readonly name: string;
  readonly labels: { readonly [label: string]: string };
  readonly value: number;
}

/** Two quantiles of a histogram, and how much they stand on. */
export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
  readonly count: number;
}

/** The answer of `/metrics/json`, readable by name and label. */
export class MetricSet {
  readonly #samples: readonly Sample[];

  constructor(document: MetricsDocument) {
    this.#samples = document.metrics.flatMap((metric) =>
      metric.values.map((sample) => ({
        name: sample.metricName ?? metric.name,
        labels: Object.fromEntries(Object.entries(sample.labels).map(([key, value]) => [key, String(value)])),
        value: sample.value,
      })),
    );
  }

  /** All samples of a name. */
  all(name: string): readonly Sample[] {
    return this.#samples.filter((sample) => sample.name === name);
  }

  /** Sum over all labels, or undefined when there is no such metric. */
  sum(name: string): number | undefined {
    const samples = this.all(name);
    return samples.length === 0 ? undefined : samples.reduce((total, sample) => total + sample.value, 0);
  }

  /** Values that a label takes. */
  labelValues(name: string, label: string): readonly string[] {
    const values = this.all(name).map((sample) => sample.labels[label]);
    return [...new Set(values.filter((value) => value !== undefined))];
  }

  /** Value of the sample with that label value. */
  value(name: string, label: string, wanted: string): number | undefined {
    return this.all(name).find((sample) => sample.labels[label] === wanted)?.value;
  }

  /**
   * p50 and p99 of a histogram from its cumulative buckets, linear inside a bucket (as Prometheus's
   * histogram_quantile does). Undefined without samples.
   */
  quantiles(name: string, label?: string, wanted?: string): Quantiles | undefined {
    const byBound = new Map<number, number>();
    for (const sample of this.all(`${name}_bucket`)) {
      if (label !== undefined && sample.labels[label] !== wanted) continue;
      const bound = sample.labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(sample.labels.le);
      byBound.set(bound, (byBound.get(bound) ?? 0) + sample.value);
    }
    const buckets = [...byBound].sort((a, b) => a[0] - b[0]);
    const count = buckets[buckets.length - 1]?.[1] ?? 0;
    if (count === 0) return undefined;
    return { p50: quantile(buckets, count * 0.5), p99: quantile(buckets, count * 0.99), count };
  }
}

function quantile(buckets: readonly (readonly [number, number])[], rank: number): number {
  let lowerBound = 0;
  let lowerCount = 0;
  for (const [bound, count] of buckets) {
    if (count >= rank) {
      if (!Number.isFinite(bound)) return lowerBound;
      const inBucket = count - lowerCount;
      return inBucket === 0 ? bound : lowerBound + (bound - lowerBound) * ((rank - lowerCount) / inBucket);
    }
    lowerBound = bound;
    lowerCount = count;
  }
  return lowerBound;
}
