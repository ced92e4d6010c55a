import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GroupMember } from '../../src/collector/group-member.ts';
import { type HeldRow, SymbolService } from '../../src/collector/symbol-service.ts';
import { EventBatch, Universe } from '../../src/model/index.ts';
import type { Source } from '../../src/sources/index.ts';

interface Print {
  readonly tsUs: number;
  readonly price: number;
}

const universe = new Universe();
const symbol = universe.intern('AAPL');

function member(id: string, rank: number): GroupMember {
  const source: Source = {
    id,
    capabilities: { kinds: ['trades'], live: true, history: false, tradeIds: 'none', needsKey: false, faults: false },
    instruments: () => [universe.instrument(symbol)],
    stream: () => ({ [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }) }),
    history: () => ({ [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }) }),
  };
  return new GroupMember(source, rank, universe);
}

function rowOf({ tsUs, price }: Print, source: number): EventBatch {
  const batch = new EventBatch(1);
  batch.addTrade(symbol, source, tsUs, tsUs, price, 1);
  return batch;
}

function heldBy(member: GroupMember): HeldRow[] {
  const rows: HeldRow[] = [];
  member.held.forEach((batch, row) => {
    rows.push({ batch, row, isWanted: false });
  });
  return rows;
}

/** A tape with many prints in one millisecond, many of them equal. */
const tapes = fc
  .array(fc.record({ stepMs: fc.integer({ min: 0, max: 3 }), price: fc.integer({ min: 100, max: 102 }) }), {
    minLength: 1,
    maxLength: 120,
  })
  .map((steps) => {
    let ms = 1_700_000_000_000;
    return steps.map(({ stepMs, price }): Print => {
      ms += stepMs;
      return { tsUs: ms * 1_000, price };
    });
  });

const keysOf = (prints: readonly Print[]): string[] => prints.map(({ tsUs, price }) => `${tsUs} ${price}`).sort();

test('two feeds of one tape, one behind the other, handed over again and again: every print once', () => {
  const events = fc.array(fc.constantFrom('a', 'a', 'a', 'b', 'b', 'b', 'swap'), { maxLength: 400 });
  fc.assert(
    fc.property(tapes, events, (tape, order) => {
      const members = [member('a', 0), member('b', 1)] as const;
      const service = new SymbolService(symbol, 'AAPL', members);
      const delivered: Print[] = [];
      const told = [0, 0];
      const put = (batch: EventBatch): void => {
        delivered.push({ tsUs: batch.tsEventUs[0] as number, price: batch.p0[0] as number });
      };
      const take = (at: 0 | 1): void => {
        const print = tape[told[at] as number];
        if (print === undefined) return;
        told[at] = (told[at] as number) + 1;
        const batch = rowOf(print, at);
        service.noteTold(members[at], batch, 0);
        if (service.serving !== members[at]) members[at].held.add(batch, 0);
        else if (service.takes(batch, 0)) put(batch);
      };
      const handTo = (at: 0 | 1): void => {
        const held = heldBy(members[at]);
        service.handTo(members[at], held);
        for (const { batch, row, isWanted } of held) {
          if (!isWanted) continue;
          delivered.push({ tsUs: batch.tsEventUs[row] as number, price: batch.p0[row] as number });
        }
      };
      handTo(0);
      for (const event of order) {
        if (event === 'swap') handTo(service.serving === members[0] ? 1 : 0);
        else take(event === 'a' ? 0 : 1);
      }
      while ((told[0] as number) < tape.length) take(0);
      while ((told[1] as number) < tape.length) take(1);
      handTo(0);
      handTo(1);
      expect(keysOf(delivered)).toEqual(keysOf(tape));
    }),
    { numRuns: 300 },
  );
});

test('what a source fetches again of the time when another served is passed over, however long ago', () => {
  const members = [member('a', 0), member('b', 1)] as const;
  const service = new SymbolService(symbol, 'AAPL', members);
  service.handTo(members[0], []);
  const startUs = 1_700_000_000_000_000;
  const tell = (at: 0 | 1, second: number): boolean => {
    const batch = rowOf({ tsUs: startUs + second * 1_000_000, price: 100 }, at);
    service.noteTold(members[at], batch, 0);
    return service.takes(batch, 0);
  };
  expect([0, 1, 2].map((second) => tell(0, second))).toEqual([true, true, true]);
  service.handTo(members[1], []);
  for (let second = 3; second <= 30; second++) expect(tell(1, second)).toBe(true);
  service.handTo(members[0], []);
  for (let second = 3; second <= 30; second++) expect(tell(0, second)).toBe(false);
  expect(tell(0, 31)).toBe(true);
  expect(tell(0, 10)).toBe(true);
});

test('a feed that stamps its prints otherwise goes on behind the watermark: nothing is told twice', () => {
  const members = [member('a', 0), member('b', 1)] as const;
  const service = new SymbolService(symbol, 'AAPL', members);
  service.handTo(members[0], []);
  const startUs = 1_700_000_000_000_000;
  for (let i = 0; i < 100; i++) service.takes(rowOf({ tsUs: startUs + i * 10_000, price: 100 }, 0), 0);
  for (let i = 0; i < 120; i++) {
    const batch = rowOf({ tsUs: startUs + i * 10_000 + 3_000, price: 100 }, 1);
    service.noteTold(members[1], batch, 0);
    members[1].held.add(batch, 0);
  }
  const held = heldBy(members[1]);
  service.handTo(members[1], held);
  const passed = held.flatMap(({ batch, row, isWanted }) => (isWanted ? [batch.tsEventUs[row] as number] : []));
  expect(passed[0]).toBe(startUs + 99 * 10_000 + 3_000);
  expect(passed).toHaveLength(21);
});
