import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { BootstrapStatus, TradingModes } from '../../src/api/index.ts';
import { writeHistoryTape } from '../support/history-tape.ts';
import { startProgram } from '../support/run-program.ts';
import { userEnvironment } from '../support/user-environment.ts';
import { answerOf, exported, scratch, startTickloom, type VerifyReport } from './tickloom.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/tickloom.mjs', import.meta.url));
const MINUTE_US = 60_000_000;
const DAYS = 9;

/** Starts the program with the keys of a provider in its environment; `stop` ends it and gives its status. */
async function startLive(
  dataDir: string,
  flags: readonly string[],
  environment: Readonly<Record<string, string>> = {},
) {
  const env = userEnvironment({
    ...{ ALPACA_API_KEY_ID: 'test-key', ALPACA_API_SECRET_KEY: 'test-secret' },
    ...environment,
  });
  const args = ['start', '--port', '0', '--data-dir', dataDir, '--source', 'alpaca', ...flags];
  const program = startProgram(process.execPath, [LAUNCHER, ...args], { env });
  const [, url] = await program.waitFor(/(http:\/\/[^\s:]+:\d+)/);
  const get = async <T>(path: string): Promise<T> => (await (await fetch(`${url}${path}`)).json()) as T;
  const stop = async () => {
    program.process.kill('SIGINT');
    return (await program.ended).code;
  };
  return { get, stop, program };
}

describe('tickloom start with a provider', () => {
  test('brings the history that is missing: the features are warm, the tape replays, nothing is there twice', async () => {
    using folder = scratch();
    const tapeFolder = join(folder.path, 'tape');
    mkdirSync(tapeFolder);
    const symbols = ['AAA', 'BBB'];
    const planted = [{ symbol: 'BBB', day: 2, first: 100, count: 3 }];
    const tape = writeHistoryTape(tapeFolder, symbols, DAYS + 1, Date.now() * 1_000, MINUTE_US, planted);
    const simulator = startTickloom(['simulate', 'alpaca', '--from', tapeFolder, '--history', 'all']);
    const dataDir = join(folder.path, 'data');
    try {
      const [, port] = await simulator.waitFor(/http:\/\/127\.0\.0\.1:(\d+)/);
      const flags = [
        ...['--symbols', symbols.join(','), '--set', `bootstrap.days=${DAYS}`],
        ...['--set', `sources.alpaca.rest_url=http://127.0.0.1:${port}`],
        ...['--set', `sources.alpaca.stream_url=ws://127.0.0.1:${port}`],
      ];
      const live = await startLive(dataDir, flags);
      const status = (): Promise<BootstrapStatus> => live.get('/api/v1/bootstrap');
      await expect.poll(async () => (await status()).state, { timeout: 20_000 }).toBe('done');
      const { report } = await status();
      expect(report?.state).toBe('complete');
      const holes = report?.symbols.flatMap(({ symbol, missing }) => missing.map((each) => ({ symbol, ...each })));
      expect(holes).toMatchObject([{ symbol: 'BBB', bars: 3, reason: 'no-trades', from: tape.holes[0]?.from }]);
      const { features } = await live.get<{ features: { name: string; value: number | null; bars_to_warm: number }[] }>(
        '/api/v1/features/AAA?timeframe=1m',
      );
      expect(features.filter(({ bars_to_warm }) => bars_to_warm > 0)).toEqual([]);
      expect(features.find(({ name }) => name === 'rsi_14')?.value).toBeGreaterThan(0);
      const modes = await live.get<TradingModes>('/ml/trading-modes');
      expect(modes.collection).toBe('realtime');
      expect(modes.modes.filter(({ available }) => available).map(({ mode }) => mode)).toEqual(
        expect.arrayContaining(['swing', 'position']),
      );
      expect(await live.stop()).toBe(0);

      // The second start has nothing to fetch but what is new.
      const again = await startLive(dataDir, flags);
      await expect
        .poll(async () => (await again.get<BootstrapStatus>('/api/v1/bootstrap')).state, { timeout: 20_000 })
        .toBe('done');
      expect((await again.get<BootstrapStatus>('/api/v1/bootstrap')).bars).toBe(0);
      expect(await again.stop()).toBe(0);
      const verified = await answerOf<VerifyReport>(['verify', '--run', 'latest', '--data-dir', dataDir]);
      expect(verified).toMatchObject({ duplicates: 0, holes: 0, digest_ok: true });
      const stored = await exported(dataDir, 'AAA', 'bars', '--timeframe', '1m');
      expect(stored.length).toBe(report?.symbols[0]?.present);
      expect(new Set(stored.map(({ ts }) => ts)).size).toBe(stored.length);
    } finally {
      simulator.process.kill('SIGTERM');
      await simulator.ended;
    }
  }, 60_000);

  test('in end-of-day mode asks for the bars of days and says what they are not good for', async () => {
    using folder = scratch();
    const tapeFolder = join(folder.path, 'tape');
    mkdirSync(tapeFolder);
    writeHistoryTape(tapeFolder, ['AAA'], DAYS, Date.now() * 1_000, MINUTE_US, []);
    const simulator = startTickloom(['simulate', 'alpaca', '--from', tapeFolder, '--history', 'all']);
    const dataDir = join(folder.path, 'data');
    try {
      const [, port] = await simulator.waitFor(/http:\/\/127\.0\.0\.1:(\d+)/);
      const flags = ['--symbols', 'AAA', '--set', `sources.alpaca.rest_url=http://127.0.0.1:${port}`];
      const environment = { ALPACA_REALTIME_ENABLED: 'false' };
      const live = await startLive(dataDir, [...flags, '--set', 'bootstrap.on_start=false'], environment);
      const modes = (): Promise<TradingModes> => live.get('/ml/trading-modes');
      await expect.poll(async () => (await modes()).facts.live_sources, { timeout: 20_000 }).toEqual(['alpaca']);
      const found = await modes();
      expect(found.collection).toBe('eod');
      expect(found.modes.filter(({ available }) => available).map(({ mode }) => mode)).toEqual(['swing', 'position']);
      for (const { available, reasons } of found.modes) {
        if (!available) expect(reasons).toContain('end-of-day mode: only the bars of days come');
      }
      expect(await live.stop()).toBe(0);
      const days = await exported(dataDir, 'AAA', 'bars', '--timeframe', '1d');
      expect(days.length).toBeGreaterThanOrEqual(5);
    } finally {
      simulator.process.kill('SIGTERM');
      await simulator.ended;
    }
  }, 60_000);
});
