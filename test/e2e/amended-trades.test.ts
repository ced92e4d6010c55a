import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ColumnBatch, TRADE_DATA } from '../../src/stores/index.ts';
import { ParquetWriter } from '../../src/stores/parquet-writer.ts';
import { exported, LiveTickloom, scratch, startTickloom } from './tickloom.ts';

const START_US = Date.UTC(2023, 10, 15, 15, 0) * 1_000;
const SECOND_US = 1_000_000;
const TRADES = 90;

/** A minute and a half of trades; in the second minute one is corrected, one cancelled, and an id is used twice. */
async function writeTape(path: string): Promise<void> {
  const batch = new ColumnBatch(TRADE_DATA);
  const add = (s: number, cells: Readonly<Record<string, string | number>>): void => {
    const ts = START_US + s * SECOND_US;
    batch.add({ symbol: 'IBM', ts, recv: ts, exchange: 'V', source: 'tape', size: 10, action: 'trade', ...cells });
  };
  for (let i = 1; i <= TRADES; i++) {
    add(i * 0.9, { id: String(i), price: 100 + (i % 5) });
    if (i === 76) add(70, { id: '5', price: 250, size: 30, action: 'correction' });
    if (i === 77) add(70, { id: '6', price: 101, action: 'cancel' });
  }
  const chunks: Uint8Array[] = [];
  const writer = new ParquetWriter(TRADE_DATA, async (bytes) => void chunks.push(Uint8Array.from(bytes)), {});
  await writer.append(
    batch,
    Uint32Array.from({ length: batch.length }, (_each, i) => i),
  );
  await writer.finish();
  writeFileSync(path, Buffer.concat(chunks));
}

test('corrections and cancels of alpaca revise the bars and the stored trades', async () => {
  using folder = scratch();
  const tape = join(folder.path, 'IBM.trades.parquet');
  await writeTape(tape);
  const dataDir = join(folder.path, 'data');
  const simulator = startTickloom(['simulate', 'alpaca', '--from', tape, '--speed', 'max']);
  try {
    const [, port] = await simulator.waitFor(/127\.0\.0\.1:(\d+)/);
    const set = [
      `sources.alpaca.stream_url=ws://127.0.0.1:${port}`,
      `sources.alpaca.rest_url=http://127.0.0.1:${port}`,
      'clock=source',
    ];
    const flags = ['--source', 'alpaca', '--symbols', 'IBM', ...set.flatMap((each) => ['--set', each])];
    const keys = { ALPACA_API_KEY_ID: 'k', ALPACA_API_SECRET_KEY: 's' };
    await using live = await LiveTickloom.startWith(keys, dataDir, ...flags);
    const accepted = async (kind: string): Promise<number> => {
      const text = await (await fetch(`${live.url}/metrics`)).text();
      const pattern = new RegExp(`^tickloom_events_accepted_total\\{(?=[^}]*kind="${kind}")[^}]*\\} (\\d+)$`, 'm');
      return Number(pattern.exec(text)?.[1] ?? 0);
    };
    await expect.poll(() => accepted('trade'), { timeout: 30_000 }).toBe(TRADES);
    expect((await live.stop()).code).toBe(0);
  } finally {
    simulator.process.kill('SIGTERM');
    await simulator.ended;
  }
  const trades = await exported(dataDir, 'IBM', 'trades', '--columns', 'all');
  expect(trades).toHaveLength(TRADES - 1);
  expect(trades.find(({ id }) => id === '6')).toBeUndefined();
  const corrected = trades.find(({ id }) => id === '5');
  expect([Number(corrected?.['price']), Number(corrected?.['size'])]).toEqual([250, 30]);
  expect(Number(corrected?.['ts'])).toBe((START_US + 4.5 * SECOND_US) / 1_000);
  const [first] = await exported(dataDir, 'IBM', 'bars', '--timeframe', '1m', '--columns', 'all');
  const inMinute = Math.floor(60 / 0.9);
  expect(Number(first?.['high'])).toBe(250);
  expect(Number(first?.['volume'])).toBe((inMinute - 2) * 10 + 30);
  expect(Number(first?.['revision'])).toBeGreaterThanOrEqual(1);
}, 60_000);
