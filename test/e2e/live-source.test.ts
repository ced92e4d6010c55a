import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { answerOf, exported, LiveTickloom, scratch, startTickloom, tickloom, type VerifyReport } from './tickloom.ts';

const ROWS = 600;

/** A tape of six seconds with trades of equal time, price and size, written as any user would. */
function writeTape(folder: string): string[] {
  const rows = Array.from(
    { length: ROWS },
    (_each, i) => `${1_700_000_000_000 + 20 * Math.floor(i / 2)},${100 + ((i >> 1) % 7)}.5,0.25`,
  );
  writeFileSync(join(folder, 'BTCUSDT.trades.csv'), `ts,price,size\n${rows.join('\n')}\n`);
  return rows;
}

describe('tickloom start --source binance', () => {
  test('cut, killed and started again while a simulator plays a tape: the tape is stored, each trade once', async () => {
    using folder = scratch();
    const rows = writeTape(folder.path);
    const from = join(folder.path, 'BTCUSDT.trades.csv');
    const simulator = startTickloom(['simulate', 'binance', '--from', from, '--fault', 'disconnect=150e:x1']);
    const dataDir = join(folder.path, 'data');
    try {
      const [, port] = await simulator.waitFor(/http:\/\/127\.0\.0\.1:(\d+)/);
      const flags = [
        ...['--source', 'binance', '--symbols', 'BTCUSDT'],
        ...['--set', `sources.binance.stream_url=ws://127.0.0.1:${port}`],
        ...['--set', `sources.binance.rest_url=http://127.0.0.1:${port}`],
        ...['--set', 'clock=source'],
      ];
      const trades = (live: LiveTickloom) => (wanted: number) =>
        live.untilHealth(({ components }) => components.recorder.last_seq >= wanted);
      {
        await using live = await LiveTickloom.start(dataDir, ...flags);
        await trades(live)(200);
        await live.stop('SIGKILL');
      }
      {
        await using live = await LiveTickloom.start(dataDir, ...flags);
        // Notices are numbered with the trades, and the ledger is written behind: the counter of trades tells the end.
        const accepted = async (): Promise<number> => {
          const text = await (await fetch(`${live.url}/metrics`)).text();
          const line =
            /^tickloom_events_accepted_total\{(?=[^}]*kind="trade")(?=[^}]*source="binance")[^}]*\} (\d+)$/m.exec(text);
          return Number(line?.[1] ?? 0);
        };
        await expect.poll(accepted, { timeout: 60_000 }).toBe(ROWS);
        expect((await live.stop()).code).toBe(0);
      }
    } finally {
      simulator.process.kill('SIGTERM');
      await simulator.ended;
    }
    const stored = await exported(dataDir, 'BTCUSDT', 'trades', '--columns', 'all');
    expect(stored.map(({ ts, price, size }) => `${ts},${price},${size}`)).toEqual(rows);
    expect(stored.map(({ id }) => Number(id))).toEqual(rows.map((_, i) => Number(stored[0]?.id) + i));
    const report = await answerOf<VerifyReport>(['verify', '--run', 'latest', '--data-dir', dataDir]);
    expect(report).toMatchObject({ duplicates: 0, holes: 0, digest_ok: true });
  }, 240_000);

  test('says in one line what is wrong and ends with status 2', async () => {
    using folder = scratch();
    const start = (...flags: string[]) => tickloom(['start', '--port', '0', '--data-dir', folder.path, ...flags]);
    const wrongSymbol = await start('--source', 'binance', '--symbols', 'AAPL');
    expect(wrongSymbol).toMatchObject({ code: 2, stderr: expect.stringContaining('does not carry "AAPL"') });
    const noKey = await start('--source', 'alpaca');
    expect(noKey).toMatchObject({ code: 2, stderr: expect.stringContaining('ALPACA_API_KEY_ID') });
    const dead = ['sources.binance.stream_url=ws://127.0.0.1:9', 'sources.binance.rest_url=http://127.0.0.1:9'];
    const unreachable = await start('--source', 'binance', ...dead.flatMap((pair) => ['--set', pair]));
    expect(unreachable).toMatchObject({ code: 2, stderr: expect.stringContaining('ECONNREFUSED') });
  }, 240_000);
});
