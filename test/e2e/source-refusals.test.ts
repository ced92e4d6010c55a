import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratch, startTickloom } from './tickloom.ts';

const KEYS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  alpaca: { ALPACA_API_KEY_ID: 'good', ALPACA_API_SECRET_KEY: 'good' },
  polygon: { POLYGON_API_KEY: 'good' },
  finnhub: { FINNHUB_API_KEY: 'good' },
  twelvedata: { TWELVEDATA_API_KEY: 'good' },
  binance: {},
};

function writeTape(folder: string, symbol: string): string {
  const path = join(folder, `${symbol}.trades.csv`);
  const rows = Array.from({ length: 100 }, (_each, i) => `${1_700_060_400_000 + 20 * i},${100 + (i % 7)}.5,${1 + i}`);
  writeFileSync(path, `ts,price,size\n${rows.join('\n')}\n`);
  return path;
}

interface Attempt {
  readonly source: string;
  readonly symbols: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly simulate?: readonly string[];
}

/** Starts a source against its simulator and waits for the program to give up. */
async function refused({ source, symbols, env = KEYS[source] ?? {}, simulate = [] }: Attempt) {
  using folder = scratch();
  const tape = writeTape(folder.path, source === 'binance' ? 'BTCUSDT' : 'IBM');
  const simulator = startTickloom(['simulate', source, '--from', tape, ...simulate]);
  try {
    const [, port] = await simulator.waitFor(/127\.0\.0\.1:(\d+)/);
    const set = [
      `sources.${source}.stream_url=ws://127.0.0.1:${port}`,
      `sources.${source}.rest_url=http://127.0.0.1:${port}`,
    ];
    const flags = ['--source', source, '--symbols', symbols, ...set.flatMap((each) => ['--set', each])];
    return await startTickloom(
      ['start', '--port', '0', '--data-dir', join(folder.path, 'data'), ...flags],
      undefined,
      env,
    ).ended;
  } finally {
    simulator.process.kill('SIGTERM');
    await simulator.ended;
  }
}

describe('a source that can not do what was asked says so in one sentence and ends with status 2', () => {
  for (const source of Object.keys(KEYS)) {
    const [good, bad] = source === 'binance' ? ['BTCUSDT', 'XXXUSDT'] : ['IBM', 'ZZZZ'];
    test.concurrent(`${source}: a symbol that it does not carry is named`, async () => {
      const alone = await refused({ source, symbols: bad });
      expect(alone).toMatchObject({ code: 2, stderr: expect.stringContaining(bad) });
      if (source === 'twelvedata') return;
      const beside = await refused({ source, symbols: `${good},${bad}`, simulate: ['--rebase', 'now'] });
      expect(beside).toMatchObject({ code: 2, stderr: expect.stringContaining(`does not carry ${bad};`) });
    }, 60_000);

    test.concurrent(`${source}: a wrong key`, async () => {
      const env = KEYS[source] ?? {};
      if (Object.keys(env).length === 0) return;
      const wrong = Object.fromEntries(Object.keys(env).map((name) => [name, 'not-the-key-of-anyone']));
      const result = await refused({ source, symbols: good, env: wrong, simulate: ['--key', 'good'] });
      expect(result.code).toBe(2);
      expect(result.stderr).toMatch(new RegExp(`source: ${source} refused`));
      expect(result.stderr).toContain(`check ${Object.keys(env).join(' and ')}`);
      expect(result.stderr).not.toContain('not-the-key-of-anyone');
    }, 60_000);
  }

  const ALPACA_ID = 'PK0123456789ABCDEFGH';
  const POLYGON_KEY = 'aB3_dE5-gH7jK9mN1pQ2rS4tU6vW8xY0';
  test.each([
    [
      'half of a pair',
      'alpaca',
      { ALPACA_API_KEY_ID: ALPACA_ID },
      'needs ALPACA_API_SECRET_KEY',
      'ALPACA_API_KEY_ID alone is set',
    ],
    [
      'a name of another program',
      'polygon',
      { MASSIVE_API_KEY: POLYGON_KEY },
      'needs POLYGON_API_KEY',
      'MASSIVE_API_KEY is set, but the name is POLYGON_API_KEY',
    ],
    [
      'a key of another provider only',
      'polygon',
      { ALPACA_API_KEY_ID: POLYGON_KEY },
      'needs POLYGON_API_KEY',
      'set instead: ALPACA_API_KEY_ID (of alpaca)',
    ],
  ])('%s: says which variable is meant', async (_name, source, env, ...sentences) => {
    using folder = scratch();
    const flags = ['--source', source, '--port', '0', '--data-dir', folder.path];
    const { code, stderr } = await startTickloom(['start', ...flags], folder.path, env).ended;
    for (const sentence of sentences) expect(stderr).toContain(sentence);
    for (const value of Object.values(env)) expect(stderr).not.toContain(value);
    expect(code).toBe(2);
  });

  test('a key of polygon where alpaca has its own: refused by alpaca, and the hint says whose it looks like', async () => {
    const env = { ALPACA_API_KEY_ID: POLYGON_KEY, ALPACA_API_SECRET_KEY: POLYGON_KEY };
    const twins = await refused({ source: 'alpaca', symbols: 'IBM', env, simulate: ['--key', 'good'] });
    expect(twins.stderr).toContain('ALPACA_API_KEY_ID holds the same text as ALPACA_API_SECRET_KEY');
    const mixed = { ...env, ALPACA_API_SECRET_KEY: 's'.repeat(40) };
    const { code, stderr } = await refused({
      source: 'alpaca',
      symbols: 'IBM',
      env: mixed,
      simulate: ['--key', 'good'],
    });
    expect(stderr).toContain('looks like POLYGON_API_KEY');
    expect(stderr).not.toContain(POLYGON_KEY);
    expect(code).toBe(2);
  }, 60_000);
});
