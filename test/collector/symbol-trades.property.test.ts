import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SymbolTrades } from '../../src/collector/symbol-trades.ts';
import { EventBatch } from '../../src/model/index.ts';

interface Print {
  readonly tsUs: number;
  readonly price: number;
  readonly id: number;
}

/** Many equal prints: few times, two prices. */
const tapes = fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 2 })), {
  minLength: 4,
  maxLength: 60,
});

function tapeOf(steps: readonly (readonly [number, number])[]): Print[] {
  let tsUs = 1_000_000;
  return steps.map(([step, price], id) => {
    tsUs += step === 0 ? 0 : step * 1_000;
    return { tsUs, price, id: id + 1 };
  });
}

function batchOf(prints: readonly Print[], hasIds: boolean): EventBatch {
  const batch = new EventBatch(Math.max(1, prints.length));
  for (const { tsUs, price, id } of prints) {
    const row = batch.addTrade(0, 0, tsUs, tsUs, price, 1);
    if (hasIds) batch.setId(row, `t${id}`);
  }
  return batch;
}

const textOf = (prints: readonly Print[]): string[] => prints.map(({ tsUs, price }) => `${tsUs} ${price}`).sort();

for (const tradeIds of ['none', 'unique'] as const) {
  test(`ids ${tradeIds}: stream with a hole, history of it in pages, then the late rest: every print once`, () => {
    fc.assert(
      fc.property(
        tapes,
        fc.nat(),
        fc.nat(),
        fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }),
        fc.integer({ min: 1, max: 7 }),
        (steps, a, b, isLate, pageRows) => {
          const tape = tapeOf(steps);
          const from = 1 + (a % (tape.length - 1));
          const to = from + (b % (tape.length - from));
          const trades = new SymbolTrades('X', tradeIds);
          const out: Print[] = [];
          const stream = (prints: readonly Print[]): void => {
            const batch = batchOf(prints, tradeIds === 'unique');
            prints.forEach((print, row) => {
              if (trades.note(batch, row)) out.push(print);
            });
          };
          stream(tape.slice(0, from));
          trades.suspect('disconnect', true);
          // Of what is missing some come by themselves, after the repair.
          const missed = tape.slice(from, to);
          stream(tape.slice(to));
          for (const range of trades.wanted(tape.at(-1)?.tsUs ?? 0)) {
            const merger = trades.merger(range);
            const history = tape.filter(({ tsUs }) => tsUs >= range.fromUs && tsUs < range.toUs);
            for (let at = 0; at < history.length; at += pageRows) {
              const page = history.slice(at, at + pageRows);
              const batch = batchOf(page, tradeIds === 'unique');
              merger.beginPage();
              page.forEach((print, row) => {
                if (!merger.isNew(batch, row)) return;
                trades.deliver(batch, row);
                out.push(print);
              });
            }
          }
          trades.settle();
          stream(missed.filter((_, i) => isLate[i] === true));
          expect(textOf(out)).toEqual(textOf(tape));
        },
      ),
    );
  });
}

test('consecutive ids: holes and an open end are asked for by id', () => {
  const trades = new SymbolTrades('X', 'consecutive');
  const batch = new EventBatch(8);
  for (const id of [5, 6, 9]) batch.setId(batch.addTrade(0, 0, id, id, 1, 1), id);
  for (let row = 0; row < 3; row++) expect(trades.note(batch, row)).toBe(true);
  trades.suspect('disconnect', true);
  expect(trades.wanted(0).map(({ fromId, toId }) => [fromId, toId])).toEqual([
    [7, 8],
    [10, undefined],
  ]);
  batch.setId(batch.addTrade(0, 0, 7, 7, 1, 1), 7);
  trades.deliver(batch, 3);
  // The stream brings it too late: it goes no further, once.
  expect(trades.note(batch, 3)).toBe(false);
  expect(trades.note(batch, 3)).toBe(true);
  trades.settle();
  expect(trades.wanted(0).map(({ fromId, toId }) => [fromId, toId])).toEqual([[8, 8]]);
});

test('after a restart nothing that was held is asked for again, but for the last instant where ids tell repeats', () => {
  for (const [tradeIds, fromUs] of [
    ['none', 1_001],
    ['unique', 1_000],
  ] as const) {
    const trades = new SymbolTrades('X', tradeIds);
    trades.begin(1_000, undefined);
    trades.suspect('restart', true);
    expect(trades.wanted(5_000)).toEqual([{ symbol: 'X', fromUs, toUs: 5_000 }]);
  }
});

test('what arises while a repair is under way is a doubt of its own, from the first loss on', () => {
  const trades = new SymbolTrades('X', 'unique');
  const batch = new EventBatch(4);
  for (const id of [5, 6]) batch.setId(batch.addTrade(0, 0, id, id, 1, 1), id);
  trades.note(batch, 0);
  trades.suspect('bad-frame', false);
  const asked = trades.doubt;
  trades.note(batch, 1);
  trades.suspect('disconnect', true);
  expect(trades.doubt).not.toBe(asked);
  expect(trades.doubt).toEqual({ fromUs: 5, cause: 'disconnect', isOutage: true });
  const again = trades.doubt;
  trades.suspect('disconnect', true);
  expect(trades.doubt).not.toBe(again);
});
