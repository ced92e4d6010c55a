import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SIMULATORS } from '../../src/simulators/index.ts';
import { scratch, startTickloom } from './tickloom.ts';

const KEYS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  alpaca: { ALPACA_API_KEY_ID: 'good', ALPACA_API_SECRET_KEY: 'good' },
  polygon: { POLYGON_API_KEY: 'good' },
  finnhub: { FINNHUB_API_KEY: 'good' },
  twelvedata: { TWELVEDATA_API_KEY: 'good' },
  alphavantage: { ALPHAVANTAGE_API_KEY: 'good' },
  coingecko: { COINGECKO_API_KEY: 'good' },
  fred: { FRED_API_KEY: 'good' },
};
/** A symbol of the tape that each provider carries. */
const SYMBOLS: Readonly<Record<string, string>> = { binance: 'BTCUSDT', coingecko: 'BTCUSD', fred: 'DGS10' };

interface CheckRow {
  readonly id: string;
  readonly status: string;
  readonly detail: string;
  readonly fix: string | null;
}

/** What the doctor says of a source whose simulator has faults. */
async function examined(
  source: string,
  simulate: readonly string[] = [],
): Promise<CheckRow & { readonly code: number | null }> {
  using folder = scratch();
  const symbol = SYMBOLS[source] ?? 'IBM';
  const tape = join(folder.path, `${symbol === 'BTCUSD' ? 'BTCUSDT' : symbol}.trades.csv`);
  const rows = Array.from({ length: 100 }, (_each, i) => `${1_700_060_400_000 + 20 * i},${100 + (i % 7)}.5,${1 + i}`);
  writeFileSync(tape, `ts,price,size\n${rows.join('\n')}\n`);
  const simulator = startTickloom(['simulate', source, '--from', tape, ...simulate]);
  try {
    const [, port] = await simulator.waitFor(/127\.0\.0\.1:(\d+)/);
    const hasStream = SIMULATORS.find(({ name }) => name === source)?.hasStream === true;
    const set = [
      `source=${source}`,
      `symbols=${symbol}`,
      `sources.${source}.rest_url=http://127.0.0.1:${port}`,
      ...(hasStream ? [`sources.${source}.stream_url=ws://127.0.0.1:${port}`] : []),
      'api.port=0',
    ];
    const flags = [
      'doctor',
      '--json',
      '--data-dir',
      join(folder.path, 'data'),
      ...set.flatMap((each) => ['--set', each]),
    ];
    const { code, stdout, stderr } = await startTickloom(flags, folder.path, KEYS[source] ?? {}).ended;
    if (!stdout.startsWith('{')) throw new Error(stderr);
    const { checks } = JSON.parse(stdout) as { readonly checks: readonly CheckRow[] };
    const row = checks.find(({ id }) => id === `sources.${source}`);
    if (row === undefined) throw new Error(`no check of ${source}`);
    return { ...row, code };
  } finally {
    simulator.process.kill('SIGTERM');
    await simulator.ended;
  }
}

describe('tickloom doctor says of a source', () => {
  test.concurrent.each(SIMULATORS.map(({ name }) => name))(
    '%s: configured, reachable, plan, quota, clock',
    async (source) => {
      const { status, detail } = await examined(source);
      expect(detail).toMatch(/configured; answered in \d+ ms/);
      expect(detail).toMatch(/plan .*clock right; last event/);
      expect(status).toBe('ok');
    },
    60_000,
  );

  test('that its clock is ahead', async () => {
    const { status, detail, fix } = await examined('alpaca', ['--fault', 'clock-skew=30s']);
    expect(detail).toMatch(/its clock is (29|30)\.\d s ahead/);
    expect(status).toBe('warning');
    expect(fix).toContain('time service');
  }, 60_000);

  test('that its key is wrong, and which variable holds it', async () => {
    const { status, detail, fix, code } = await examined('finnhub', ['--key', 'another']);
    expect(detail).toContain('Invalid API key');
    expect(fix).toContain('FINNHUB_API_KEY');
    expect(`${detail}${fix}`).not.toContain('good');
    expect([status, code]).toEqual(['failed', 1]);
  }, 60_000);

  test('that are not chosen: what they would need', async () => {
    using folder = scratch();
    const { stdout } = await startTickloom(
      ['doctor', '--json', '--data-dir', folder.path, '--set', 'api.port=0'],
      folder.path,
    ).ended;
    const { checks } = JSON.parse(stdout) as { readonly checks: readonly CheckRow[] };
    const polygon = checks.find(({ id }) => id === 'sources.polygon');
    expect(polygon).toMatchObject({ status: 'skipped', detail: expect.stringContaining('POLYGON_API_KEY') });
  }, 60_000);
});
