import { expect, test } from 'vitest';
import type { PatternOdds } from '../../src/model/index.ts';
import { DEFAULT_SIGNAL_SETTINGS, SignalDesk } from '../../src/signals/index.ts';

const ODDS: PatternOdds = {
  legacyScore: 87.5,
  probability: 0.55,
  low: 0.4,
  high: 0.7,
  n: 30,
  nEffective: 21.5,
  successRate: 0.56,
  randomRate: 0.5,
  hasEdge: false,
};
const LEVELS = { entry: 100, target: 102, stop: 99 };

function desk(settings: Partial<typeof DEFAULT_SIGNAL_SETTINGS> = {}) {
  const made = new SignalDesk({ ...DEFAULT_SIGNAL_SETTINGS, ...settings });
  const state = new Float64Array(made.stateSize + 3);
  made.reset(state, 3);
  return { made, state, bar: (quality = 1) => made.settle(state, 3, quality), view: (q = 1) => made.view(state, 3, q) };
}

test('a triggered pattern makes a signal, which fades bar by bar and ends', () => {
  const { made, state, bar, view } = desk();
  made.note(state, 3, { direction: 1, statement: 12, levels: LEVELS, odds: ODDS });
  expect(bar()).toBe(true);
  expect(view()).toMatchObject({ action: 'STRONG BUY', score: 87.5, confidence: 100, barsLeft: 5 });
  expect(view().leader).toEqual({ direction: 1, statement: 12, levels: LEVELS, odds: ODDS });
  const actions = [1, 2, 3, 4, 5].map(() => {
    made.age(state, 3);
    bar();
    return view().action;
  });
  expect(actions).toEqual(['BUY', 'HOLD', 'HOLD', 'HOLD', 'HOLD']);
  expect(view()).toMatchObject({ score: 0, leader: undefined });
});

test('both sides weigh against each other; the stronger evidence of a side stands', () => {
  const { made, state, bar, view } = desk();
  made.note(state, 3, { direction: -1, statement: 1, levels: LEVELS, odds: { ...ODDS, legacyScore: 65 } });
  expect(bar()).toBe(true);
  expect(view().action).toBe('SELL');
  made.note(state, 3, { direction: -1, statement: 2, levels: LEVELS, odds: { ...ODDS, legacyScore: 61 } });
  expect(view().leader?.statement).toBe(1);
  made.note(state, 3, { direction: 1, statement: 3, levels: LEVELS, odds: { ...ODDS, legacyScore: 62 } });
  expect(bar()).toBe(true);
  expect(view()).toMatchObject({ action: 'HOLD', score: -3 });
});

test('poor data cuts the score', () => {
  const { made, state, bar, view } = desk();
  made.note(state, 3, { direction: 1, statement: 12, levels: LEVELS, odds: ODDS });
  bar(0.5);
  expect(view(0.5)).toMatchObject({ action: 'HOLD', score: 43.75, confidence: 50 });
});

test('where an edge is required, a pattern without one says nothing', () => {
  const { made, state, bar, view } = desk({ requireEdge: true });
  made.note(state, 3, { direction: 1, statement: 12, levels: LEVELS, odds: ODDS });
  expect(bar()).toBe(false);
  made.note(state, 3, { direction: 1, statement: 13, levels: LEVELS, odds: { ...ODDS, hasEdge: true } });
  expect(bar()).toBe(true);
  expect(view().action).toBe('STRONG BUY');
});

test('the memory of a series lies in its block', () => {
  const { made, state, bar } = desk();
  made.note(state, 3, { direction: 1, statement: 12, levels: LEVELS, odds: ODDS });
  bar();
  const copy = state.slice();
  made.age(state, 3);
  bar();
  expect(made.view(copy, 3, 1).action).toBe('STRONG BUY');
  expect(made.view(state, 3, 1).action).toBe('BUY');
});
