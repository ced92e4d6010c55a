import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { RowCollector } from '../../src/collector/row-collector.ts';
import { EventKind, Universe } from '../../src/model/index.ts';
import { ADAPTERS, type AdapterDefinition } from '../../src/sources/index.ts';

const data = process.env.TICKLOOM_TEST_DATA ?? join(import.meta.dirname, '../../../shared/data');

function linesOf(path: string): string[] {
  return gunzipSync(readFileSync(join(data, path)))
    .toString('utf8')
    .trimEnd()
    .split('\n');
}

/** The frames of a recording through the adapter: trades and quotes as lines of the tick files, and what was rejected. */
function readFrames(path: string, wanted: readonly string[]) {
  const universe = new Universe();
  const definition = ADAPTERS.find(({ id }) => id === 'binance') as AdapterDefinition;
  const settings = { stream_url: '', rest_url: '', symbols: {}, plan: '' };
  const adapter = definition.create({ universe, wanted, settings, secret: () => undefined });
  const session = adapter.stream?.session();
  const rows = new RowCollector({ sourceId: 0 });
  const trades: string[] = [];
  const ids: number[] = [];
  const quotes: string[] = [];
  let rejected = 0;
  for (const line of linesOf(path)) {
    const { recvMs, dir, frame } = JSON.parse(line) as { recvMs: number; dir: string; frame?: { stream?: string } };
    if (dir !== 'in' || frame?.stream === undefined) continue;
    session?.receive(JSON.stringify(frame), recvMs * 1_000, rows);
    for (const batch of rows.filled.splice(0)) {
      for (let row = 0; row < batch.length; row++) {
        const ms = (batch.tsEventUs[row] as number) / 1_000;
        if (batch.kind[row] === EventKind.Trade) {
          const market = universe.exchanges.text(batch.exchange[row] as number);
          const conditions = universe.conditions.text(batch.conditions[row] as number);
          trades.push([ms, batch.p0[row], batch.p1[row], market, conditions].join(','));
          ids.push(batch.idNum[row] as number);
        } else if (batch.kind[row] === EventKind.Quote) {
          quotes.push([ms, batch.p0[row], batch.p1[row], batch.p2[row], batch.p3[row]].join(','));
        } else rejected++;
      }
    }
  }
  return { trades, ids, quotes, rejected };
}

/** Lines of a tick file with numbers as numbers: `1.10` and `1.1` are the same. */
function ticks(path: string): string[] {
  return linesOf(path)
    .slice(1)
    .map((line) =>
      line
        .split(',')
        .map((cell) => (cell !== '' && Number.isFinite(Number(cell)) ? Number(cell) : cell))
        .join(','),
    );
}

describe.skipIf(!existsSync(join(data, 'raw')))('recorded frames of Binance', () => {
  for (const day of ['2024-08-08', '2024-08-09']) {
    it(`of ${day} give the trades and quotes of the tick files, value by value and in order`, () => {
      const { trades, ids, quotes, rejected } = readFrames(`raw/binance.BTCUSDT.${day}.jsonl.gz`, ['BTCUSDT']);
      expect(trades).toEqual(ticks(`ticks/BTCUSDT.binance/${day}.trades.csv.gz`));
      expect(quotes).toEqual(ticks(`ticks/BTCUSDT.binance/${day}.quotes.csv.gz`));
      expect(rejected).toBe(0);
      expect(ids.every((id, i) => i === 0 || id === (ids[i - 1] as number) + 1)).toBe(true);
    });
  }

  it('of a session with several pairs hold nothing that is not known', () => {
    const { quotes, rejected } = readFrames('raw/binance.capture.jsonl.gz', ['NKNUSDT', 'BLZETH', 'LRCBTC', 'RUNEEUR']);
    expect(quotes.length).toBeGreaterThan(0);
    expect(rejected).toBe(0);
  });
});
