import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Statement, StatementLog } from '../../../src/engine/analysis/statement-log.ts';
import type { Regime, RegimeChange } from '../../../src/model/index.ts';

const REGIME: Regime = {
  volatility: 'low',
  trend: 'sideways',
  volatilityPct: 1,
  trendZ: 0,
  turbulentProbability: 0.1,
  changePointProbability: 0.1,
};

function statement(series: number, ordinal: number, value: number) {
  return (head: Pick<RegimeChange, 'id' | 'change' | 'replaces'>): Statement => ({
    kind: 'regime',
    said: {
      ...head,
      symbol: series,
      timeframe: 0,
      barStartUs: ordinal * 60,
      barRevision: 0,
      knowableAtUs: ordinal * 60 + 61,
      atUs: 0,
      from: REGIME,
      to: { ...REGIME, trendZ: value },
    },
  });
}

/** What a client holds that follows every statement: what is not replaced and not withdrawn. */
class Client {
  readonly held = new Map<number, { readonly key: string; readonly value: number }>();
  lastId = 0;

  take({ said }: Statement): void {
    expect(said.id).toBeGreaterThan(this.lastId);
    this.lastId = said.id;
    expect(said.change === 'new').toBe(said.replaces === undefined);
    if (said.replaces !== undefined) expect(this.held.delete(said.replaces)).toBe(true);
    if (said.change === 'withdrawn') return;
    const value = (said as RegimeChange).to.trendZ;
    this.held.set(said.id, { key: `${said.symbol} ${said.barStartUs}`, value });
  }
}

const run = fc.record({
  series: fc.integer({ min: 0, max: 1 }),
  from: fc.integer({ min: 0, max: 4 }),
  values: fc.array(fc.option(fc.integer({ min: 0, max: 2 })), { minLength: 5, maxLength: 5 }),
});

test('a client that follows the statements ends with those of the last run of every bar', () => {
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 12 }), (runs) => {
      const client = new Client();
      let id = 0;
      const log = new StatementLog(
        () => ++id,
        (said) => client.take(said),
      );
      const wanted = new Map<string, number>();
      const fed = [0, 0];
      for (const { series, from, values } of runs) {
        const first = Math.min(from, fed[series] as number);
        const isRerun = first < (fed[series] as number);
        if (isRerun) log.beginRerun(series, first);
        values.slice(first).forEach((value, i) => {
          const ordinal = first + i;
          wanted.delete(`${series} ${ordinal * 60}`);
          if (value === null) return;
          wanted.set(`${series} ${ordinal * 60}`, value);
          log.say(series, ordinal, ordinal * 60, 'regime', statement(series, ordinal, value));
        });
        if (isRerun) log.endRerun(0);
        fed[series] = 5;
      }
      expect(new Map([...client.held.values()].map(({ key, value }) => [key, value]))).toEqual(wanted);
      expect(client.held.size).toBe(wanted.size);
    }),
  );
});

test('what is said again is not announced again, and keeps its number', () => {
  const said: Statement[] = [];
  let id = 0;
  const log = new StatementLog(
    () => ++id,
    (one) => said.push(one),
  );
  expect(log.say(0, 0, 0, 'regime', statement(0, 0, 1))).toBe(1);
  log.beginRerun(0, 0);
  expect(log.say(0, 0, 0, 'regime', statement(0, 0, 1))).toBe(1);
  log.endRerun(0);
  expect(said).toHaveLength(1);
});

test('released statements stand: a later run of the same bar does not know them', () => {
  const said: Statement[] = [];
  let id = 0;
  const log = new StatementLog(
    () => ++id,
    (one) => said.push(one),
  );
  log.say(0, 0, 0, 'regime', statement(0, 0, 1));
  log.say(0, 1, 60, 'regime', statement(0, 1, 1));
  log.release(0, 1);
  log.beginRerun(0, 1);
  log.endRerun(0);
  expect(said.map((one) => `${one.said.change} ${one.said.replaces ?? ''}`)).toEqual(['new ', 'new ', 'withdrawn 2']);
});

test('a saved log goes on as the one that was saved', () => {
  const said: Statement[] = [];
  let id = 0;
  const nextId = (): number => ++id;
  const first = new StatementLog(nextId, () => {});
  first.say(3, 7, 420, 'regime', statement(3, 7, 1));
  const second = new StatementLog(nextId, (one) => said.push(one));
  second.restore(first.snapshot());
  second.beginRerun(3, 7);
  second.say(3, 7, 420, 'regime', statement(3, 7, 2));
  second.endRerun(0);
  expect(said).toMatchObject([{ said: { change: 'amended', replaces: 1, to: { trendZ: 2 } } }]);
});
