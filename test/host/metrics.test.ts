import { describe, expect, test } from 'vitest';
import { MAX_LABEL_SETS, Metrics, PlainHistogram } from '../../src/host/index.ts';

describe('metrics', () => {
  test('plain numbers are read when asked for', async () => {
    const metrics = new Metrics();
    let count = 1;
    metrics.counter('t_total', 'Things.', (emit) => emit(count, { source: 'a"b\n' }));
    expect(await metrics.text()).toContain('t_total{source="a\\"b\\n"} 1');
    count = 7;
    expect(await metrics.text()).toContain('t_total{source="a\\"b\\n"} 7');
    expect(await metrics.json()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          name: 't_total',
          type: 'counter',
          values: [{ value: 7, labels: { source: 'a"b\n' } }],
        }),
      ]),
    );
  });

  test('a histogram counts each observation in the bucket that holds it, bounds inclusive', async () => {
    const metrics = new Metrics();
    const histogram = new PlainHistogram([0.1, 1]);
    metrics.histogram('h_seconds', 'Time.', histogram);
    const a = histogram.series({ stage: 'a' });
    expect(histogram.series({ stage: 'a' })).toBe(a);
    for (const seconds of [0.05, 0.1, 0.5, 3]) histogram.observe(a, seconds);
    const text = await metrics.text();
    expect(text).toContain('h_seconds_bucket{stage="a",le="0.1"} 2');
    expect(text).toContain('h_seconds_bucket{stage="a",le="1"} 3');
    expect(text).toContain('h_seconds_bucket{stage="a",le="+Inf"} 4');
    expect(text).toMatch(/h_seconds_sum\{stage="a"\} 3\.65/);
    expect(text).toContain('h_seconds_count{stage="a"} 4');
  });

  test('label sets are bounded and the rest is counted', async () => {
    const metrics = new Metrics();
    metrics.gauge('g', 'Too many.', (emit) => {
      for (let i = 0; i < MAX_LABEL_SETS + 5; i++) emit(i, { symbol: String(i) });
    });
    const histogram = new PlainHistogram();
    metrics.histogram('h', 'Too many.', histogram);
    for (let i = 0; i < MAX_LABEL_SETS + 3; i++) histogram.observe(histogram.series({ route: String(i) }), 0.1);
    await metrics.text();
    const text = await metrics.text();
    expect(text.match(/^g\{/gm)).toHaveLength(MAX_LABEL_SETS);
    expect(text.match(/^h_count\{/gm)).toHaveLength(MAX_LABEL_SETS);
    const dropped = Number(/tickloom_metric_labels_dropped_total (\d+)/.exec(text)?.[1]);
    expect(dropped).toBeGreaterThanOrEqual(8);
  });
});
