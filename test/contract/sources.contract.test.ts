import { describe, expect, it } from 'vitest';
import { EventBatch, EventKind, isSymbol, Universe } from '../../src/model/index.ts';
import { createSource, SOURCES, type Source, type SourceDefinition } from '../../src/sources/index.ts';
import { ManualClock } from '../support/manual-clock.ts';

const START_US = 1_763_690_400_000_000;
const SECOND_US = 1_000_000;

function make(definition: SourceDefinition): { source: Source; universe: Universe; clock: ManualClock } {
  const universe = new Universe();
  const clock = new ManualClock(START_US);
  return { source: createSource(definition.id, { universe, clock }, {}), universe, clock };
}

async function eventsOf(batches: AsyncIterable<EventBatch>): Promise<EventBatch[]> {
  const copies: EventBatch[] = [];
  for await (const batch of batches) {
    const copy = new EventBatch(Math.max(1, batch.length));
    copy.copyRows(batch, 0, batch.length);
    copies.push(copy);
  }
  return copies;
}

/** Runs the stream on virtual time for some seconds. */
async function run(source: Source, clock: ManualClock, seconds: number): Promise<EventBatch[]> {
  const abort = new AbortController();
  clock.perSleep = (nowUs) => {
    if (nowUs >= START_US + seconds * SECOND_US) abort.abort();
  };
  return eventsOf(source.stream(abort.signal, { afterUs: START_US }));
}

describe('every registered source', () => {
  it('has an id of its own', () => {
    const ids = SOURCES.map((definition) => definition.id);
    expect(ids.length).toBeGreaterThan(0);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z][a-z0-9-]*$/);
    expect(() => createSource('nowhere', { universe: new Universe(), clock: new ManualClock(0) }, {})).toThrow(ids[0]);
  });

  for (const definition of SOURCES) {
    describe(definition.id, () => {
      it('describes its instruments under generic symbols', () => {
        const { source } = make(definition);
        expect(source.id).toBe(definition.id);
        expect(source.instruments().length).toBeGreaterThan(0);
        for (const instrument of source.instruments()) expect(isSymbol(instrument.symbol)).toBe(true);
        expect(source.faults !== undefined).toBe(source.capabilities.faults);
      });

      it('streams events of its own symbols in order of receive time, begins with a status, ends when told to', async () => {
        const { source, universe, clock } = make(definition);
        const batches = await run(source, clock, 3);
        const symbols = new Set(source.instruments().map((instrument) => instrument.symbol));
        let lastUs = 0;
        let trades = 0;
        let isConnected = false;
        for (const batch of batches) {
          for (let row = 0; row < batch.length; row++) {
            expect(batch.tsRecvUs[row]).toBeGreaterThanOrEqual(lastUs);
            lastUs = batch.tsRecvUs[row] as number;
            expect(universe.sources.text(batch.source[row] as number)).toBe(definition.id);
            if (batch.kind[row] === EventKind.Status) isConnected = true;
            else expect(symbols.has(universe.symbol(batch.symbol[row] as number))).toBe(true);
            if (batch.kind[row] === EventKind.Trade) trades++;
          }
        }
        expect(isConnected).toBe(true);
        expect(trades).toBeGreaterThan(0);
      });

      it('gives history as half-open, ascending ranges that agree with the stream', async () => {
        const { source, universe, clock } = make(definition);
        if (!source.capabilities.history) return;
        const symbol = source.instruments()[0]?.symbol as string;
        const streamed = (await run(source, clock, 3)).flatMap((batch) => tradesOf(batch, universe, symbol));
        const from = START_US + SECOND_US;
        const to = START_US + 2 * SECOND_US;
        const history = (await eventsOf(source.history(symbol, from, to))).flatMap((batch) =>
          tradesOf(batch, universe, symbol),
        );
        expect(history.length).toBeGreaterThan(0);
        expect(history).toEqual(streamed.filter(({ us }) => us >= from && us < to));
        expect(history.every(({ us }, i) => i === 0 || us >= (history[i - 1]?.us as number))).toBe(true);
        await expect(eventsOf(source.history('NO.SUCH', from, to))).rejects.toThrow('NO.SUCH');
      });

      it('numbers trades as its capabilities say', async () => {
        const { source, universe, clock } = make(definition);
        const batches = await run(source, clock, 3);
        for (const { symbol } of source.instruments()) {
          const ids = batches.flatMap((batch) => tradesOf(batch, universe, symbol)).map(({ id }) => id);
          if (source.capabilities.tradeIds === 'none') expect(ids.every((id) => id === undefined)).toBe(true);
          else expect(new Set(ids).size).toBe(ids.length);
          if (source.capabilities.tradeIds !== 'consecutive') continue;
          expect(ids.map(Number)).toEqual(ids.map((_, i) => Number(ids[0]) + i));
        }
      });
    });
  }
});

function tradesOf(
  batch: EventBatch,
  universe: Universe,
  symbol: string,
): { us: number; id: string | undefined; price: number }[] {
  const out = [];
  for (let row = 0; row < batch.length; row++) {
    if (batch.kind[row] !== EventKind.Trade || universe.symbol(batch.symbol[row] as number) !== symbol) continue;
    out.push({ us: batch.tsEventUs[row] as number, id: batch.idOf(row), price: batch.p0[row] as number });
  }
  return out;
}
