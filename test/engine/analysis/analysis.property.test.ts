import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Prng } from '../../../src/base/index.ts';
import { SECOND, type TapeEvent } from '../engine-run.ts';
import { AnalysisRun, type Said, walk } from './analysis-run.ts';

const END: TapeEvent = { kind: 'tick', symbol: -1, ts: 900 * SECOND };

function run(tape: readonly TapeEvent[], sizes: readonly number[] = [1000]): AnalysisRun {
  const made = new AnalysisRun();
  for (let at = 0, i = 0; at < tape.length; i++) {
    const size = sizes[i % sizes.length] as number;
    made.handle(...tape.slice(at, at + size));
    at += size;
  }
  return made;
}

/** Some trades arrive up to 20 s late. */
function shuffled(tape: readonly TapeEvent[], seed: number, share: number): TapeEvent[] {
  const prng = new Prng(seed);
  return tape
    .map((event) => ({
      ...event,
      recv: event.ts + (prng.uniform() < share ? Math.floor(prng.uniform() * 20 * SECOND) : 0),
    }))
    .toSorted((a, b) => a.recv - b.recv);
}

/** What is said of each bar, without numbers, times of saying, revisions and odds, which depend on the order of arrival. */
function content(standing: Iterable<Said>): string[] {
  return [...standing]
    .filter(({ kind }) => kind !== 'signal')
    .map(({ id: _i, change: _c, replaces: _r, atUs: _a, barRevision: _b, ...said }) =>
      JSON.stringify({ ...said, odds: undefined, quality: undefined }),
    )
    .toSorted();
}

/** How patterns ended; signals rest on odds, which may have been learned in another order. */
function results({ outcomes }: AnalysisRun): string[] {
  return outcomes
    .filter(({ patternId }) => patternId !== 'signal')
    .map(({ symbol, timeframe, patternId, entryUs, exitUs, barrier, exit }) =>
      JSON.stringify([symbol, timeframe, patternId, entryUs, exitUs, barrier, exit]),
    )
    .toSorted();
}

const seeds = fc.integer({ min: 1, max: 1_000_000 });

describe('the analysis of a tape', () => {
  test('finds patterns, regime changes, signals and outcomes', () => {
    const { said, outcomes } = run([...walk(7, 600), END]);
    const kinds = new Set(said.map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(['pattern', 'regime', 'signal']));
    expect(new Set(said.flatMap((one) => (one.kind === 'pattern' ? [one.family] : [])))).toEqual(
      new Set(['candlestick', 'chart', 'tolerance']),
    );
    expect(outcomes.length).toBeGreaterThan(50);
    const numbers = said.map(({ id }) => id);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(said.every(({ change }) => change === 'new')).toBe(true);
  });

  test('every outcome is of a statement that stood, and lies behind it', () => {
    const made = run([...walk(11, 400), END]);
    const standing = made.standing();
    for (const outcome of made.outcomes) {
      const of = standing.get(outcome.of) as Said;
      expect(outcome.entryUs).toBeGreaterThan(of.barStartUs);
      expect(outcome.exitUs).toBeGreaterThan(outcome.entryUs);
    }
  });

  test('does not depend on how the tape is cut into batches', () => {
    fc.assert(
      fc.property(seeds, fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }), (seed, sizes) => {
        const tape = [...shuffled(walk(seed, 120), seed, 0.1), END];
        expect(run(tape, sizes).digest.hex()).toBe(run(tape).digest.hex());
      }),
      { numRuns: 15 },
    );
  });

  test('goes on from a snapshot as if there had been none', () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0, max: 1, noNaN: true }), (seed, share) => {
        const tape = [...shuffled(walk(seed, 150), seed, 0.1), END];
        const cut = Math.floor(share * tape.length);
        const whole = run(tape);
        const first = run(tape.slice(0, cut));
        const second = new AnalysisRun();
        second.engine.restore(first.engine.snapshot());
        second.digest.restore(first.digest.snapshot());
        second.handle(...tape.slice(cut));
        expect(second.digest.hex()).toBe(whole.digest.hex());
        expect([...first.said, ...second.said]).toEqual(whole.said);
      }),
      { numRuns: 15 },
    );
  });

  test('says nothing of a bar that depends on what came later', () => {
    const tape = walk(5, 200);
    const whole = run([...tape, END]);
    for (const share of [0.3, 0.6, 0.9]) {
      const part = run(tape.slice(0, Math.floor(share * tape.length)));
      expect(part.said.length).toBeGreaterThan(0);
      expect(whole.said.slice(0, part.said.length)).toEqual(part.said);
    }
  });

  test('late trades amend and withdraw: what stands in the end is what the sorted tape says', () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0.02, max: 0.3 }), (seed, share) => {
        const tape = walk(seed, 150);
        const sorted = run([...tape, END]);
        const late = run([...shuffled(tape, seed, share), END]);
        expect(late.engine.counters().revisionsTooOld).toBe(0);
        expect(late.finals.hex()).toBe(sorted.finals.hex());
        expect(content(late.standing().values())).toEqual(content(sorted.standing().values()));
        expect(results(late)).toEqual(results(sorted));
      }),
      { numRuns: 15 },
    );
  });
});
