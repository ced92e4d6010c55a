import type { SystemState } from '../../alerts/index.ts';
import type { PlainHistogram } from '../../host/index.ts';

/** How long stages take on average, from one look to the next. */
export class StageMeans {
  private readonly stages: PlainHistogram;
  private before = new Map<string, { sumS: number; count: number }>();

  constructor(stages: PlainHistogram) {
    this.stages = stages;
  }

  /** The stage with the greatest mean since the last call; undefined where nothing was measured. */
  slowestSinceLast(): SystemState['slowestStage'] {
    const now = new Map<string, { sumS: number; count: number }>();
    for (const { metricName, labels, value } of this.stages.samples('stage')) {
      const stage = String(labels['stage']);
      const known = now.get(stage) ?? { sumS: 0, count: 0 };
      if (metricName === 'stage_sum') known.sumS = value;
      if (metricName === 'stage_count') known.count = value;
      now.set(stage, known);
    }
    let slowest: SystemState['slowestStage'];
    for (const [name, { sumS, count }] of now) {
      const before = this.before.get(name) ?? { sumS: 0, count: 0 };
      if (count === before.count) continue;
      const meanMs = ((sumS - before.sumS) / (count - before.count)) * 1_000;
      if (slowest === undefined || meanMs > slowest.meanMs) slowest = { name, meanMs };
    }
    this.before = now;
    return slowest;
  }
}
