import { describe, expect, test } from 'vitest';
import { Prng } from '../../src/base/index.ts';
import { EDGE_EVIDENCE, EdgeTest, SKILL_EVENTS } from '../../src/signals/index.ts';

const PATIENCE_US = 1_000;

/** Share of runs in which the evidence ever reaches 20; each round has members whose outcomes `draw` decides. */
function shareOfAlarms(
  runs: number,
  rounds: number,
  bound: number,
  model: number,
  draw: (prng: Prng) => boolean[],
): number {
  let alarms = 0;
  for (let run = 0; run < runs; run++) {
    const edges = new EdgeTest(1);
    const prng = new Prng(run + 1);
    for (let round = 0; round < rounds; round++) {
      const outcomes = draw(prng);
      const numbers = outcomes.map(() => edges.join(0, round, PATIENCE_US));
      outcomes.forEach((isSuccess, i) => {
        edges.resolve(0, numbers[i] as number, isSuccess, model, bound);
      });
      if (edges.evidence(0) >= EDGE_EVIDENCE) {
        alarms++;
        break;
      }
    }
  }
  return alarms / runs;
}

describe('edge test', () => {
  // 500 runs: the 99.9 % binomial bound of 5 % is 8.4 %.
  test.each([
    ['one event at a time', (prng: Prng) => [prng.uniform() < 0.5]],
    ['50 independent ones', (prng: Prng) => Array.from({ length: 50 }, () => prng.uniform() < 0.5)],
    ['50 that are one and the same', (prng: Prng) => new Array<boolean>(50).fill(prng.uniform() < 0.5)],
  ])('is rarely wrong however often one looks: %s', (_name, draw) => {
    expect(shareOfAlarms(500, 400, 0.5, 0.56, draw)).toBeLessThan(0.084);
  });

  test('finds what is there, and sooner where many series agree', () => {
    const one = (prng: Prng) => [prng.uniform() < 0.58];
    const many = (prng: Prng) => Array.from({ length: 40 }, () => prng.uniform() < 0.58);
    expect(shareOfAlarms(50, 1_500, 0.5, 0.58, one)).toBeGreaterThan(0.95);
    expect(shareOfAlarms(50, 80, 0.5, 0.58, many)).toBeGreaterThan(0.95);
  });

  test('bets nothing where the model is not above the bound', () => {
    const edges = new EdgeTest(1);
    for (let i = 0; i < 20; i++) edges.resolve(0, edges.join(0, i, PATIENCE_US), true, 0.5, 0.5);
    expect(edges.evidence(0)).toBe(1);
  });

  test('one round at a time: events of another bar wait until all members are final', () => {
    const edges = new EdgeTest(2);
    const first = edges.join(0, 10, PATIENCE_US);
    expect(edges.join(0, 10, PATIENCE_US)).toBe(first);
    expect(edges.join(0, 11, PATIENCE_US)).toBe(-1);
    expect(edges.join(1, 11, PATIENCE_US)).toBeGreaterThan(0);
    edges.resolve(0, first, true, 0.6, 0.5);
    expect(edges.evidence(0)).toBe(1);
    edges.resolve(0, first, true, 0.6, 0.5);
    expect(edges.evidence(0)).toBeGreaterThan(1);
    expect(edges.join(0, 12, PATIENCE_US)).toBe(first + 1);
  });

  test('a member that is taken back leaves no trace, one that stays away counts as lost', () => {
    const edges = new EdgeTest(1);
    const round = edges.join(0, 1, PATIENCE_US);
    edges.join(0, 1, PATIENCE_US);
    edges.leave(0, round);
    edges.resolve(0, round, true, 0.6, 0.5);
    const alone = new EdgeTest(1);
    alone.resolve(0, alone.join(0, 1, PATIENCE_US), true, 0.6, 0.5);
    expect(edges.evidence(0)).toBe(alone.evidence(0));
    const gone = edges.join(0, 2, PATIENCE_US);
    expect(edges.join(0, 2 + PATIENCE_US, PATIENCE_US)).toBe(-1);
    expect(edges.join(0, 3 + PATIENCE_US, PATIENCE_US)).toBe(gone + 1);
    expect(edges.evidence(0)).toBeLessThan(alone.evidence(0));
    edges.resolve(0, gone, true, 0.6, 0.5);
    expect(edges.evidence(0)).toBeLessThan(alone.evidence(0));
  });

  test('skill is that of the latest 2,000 events, exactly', () => {
    const edges = new EdgeTest(1);
    const prng = new Prng(3);
    const rows: [number, number, number][] = [];
    expect(edges.skill(0)).toBeNaN();
    for (let i = 0; i < 2 * SKILL_EVENTS + 77; i++) {
      const row: [number, number, number] = [prng.uniform() < 0.6 ? 1 : 0, prng.uniform(), 0.5 + 0.1 * prng.uniform()];
      rows.push(row);
      edges.score(0, row[0] === 1, row[1], row[2]);
    }
    const latest = rows.slice(-SKILL_EVENTS);
    const loss = (of: 1 | 2) => latest.reduce((sum, row) => sum + (row[of] - row[0]) ** 2, 0);
    expect(edges.skill(0)).toBeCloseTo(1 - loss(1) / loss(2), 4);
  });
});
