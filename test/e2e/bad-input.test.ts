import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { exported, LiveTickloom, replay, scratch, tickloom } from './tickloom.ts';

/** Fifty thousand trades, one every 100 ms. */
function tradesCsv(rows = 50_000): string {
  const lines = Array.from(
    { length: rows },
    (_, i) => `${1_381_132_800_000 + i * 100},${100 + (i % 50) / 100},${1 + (i % 7)}`,
  );
  return `ts,price,size\n${lines.join('\n')}\n`;
}

/** Runs a command that must fail, and gives what it said; it must not have left anything in the data directory. */
async function refused(args: readonly string[], dataDir: string): Promise<{ code: number | null; said: string }> {
  const { code, stdout, stderr } = await tickloom([...args, '--data-dir', dataDir]);
  expect(stdout).toBe('');
  expect(stderr).not.toMatch(/unexpected failure|\n\s+at /);
  if (existsSync(dataDir)) {
    const left = readdirSync(dataDir).filter((name) => !/^tickloom\.(lock|pid)$/.test(name));
    expect(left, 'nothing half-written').toEqual([]);
  }
  return { code, said: stderr };
}

interface Quarantined {
  readonly reason: string;
  readonly detail: string;
  readonly raw: string;
}

function quarantineOf(dataDir: string): readonly Quarantined[] {
  const database = new DatabaseSync(join(dataDir, 'tickloom.db'), { readOnly: true });
  try {
    return database
      .prepare('SELECT reason, detail, raw FROM quarantine ORDER BY rowid')
      .all() as unknown as Quarantined[];
  } finally {
    database.close();
  }
}

describe('damaged files', () => {
  it.each(['replay', 'import'])(
    '%s refuses a corrupt and a cut gzip as a whole',
    async (command) => {
      using folder = scratch();
      const whole = gzipSync(tradesCsv());
      const flipped = Uint8Array.from(whole);
      flipped[whole.length >> 1] = (flipped[whole.length >> 1] as number) ^ 0xff;
      const files: Record<string, Uint8Array> = {
        'cut.trades.csv.gz': whole.subarray(0, whole.length >> 1),
        'flipped.trades.csv.gz': flipped,
        'text.trades.csv.gz': Buffer.from(tradesCsv(10)),
      };
      for (const [name, bytes] of Object.entries(files)) {
        const path = join(folder.path, name);
        writeFileSync(path, bytes);
        const { code, said } = await refused([command, path, '--symbol', 'A', '--json'], join(folder.path, 'data'));
        expect(said).toContain(`${name} is no sound gzip file`);
        expect(code).toBe(1);
      }
    },
    60_000,
  );

  it.each(['replay', 'import'])(
    '%s refuses a truncated Parquet file',
    async (command) => {
      using folder = scratch();
      const csv = join(folder.path, 'A.trades.csv');
      writeFileSync(csv, tradesCsv(5_000));
      const source = join(folder.path, 'source');
      await replay(source, [csv]);
      const whole = join(folder.path, 'A.trades.parquet');
      const made = await tickloom([
        'export',
        '--data-dir',
        source,
        '--symbol',
        'A',
        '--kind',
        'trades',
        '--format',
        'parquet',
        '--out',
        whole,
      ]);
      expect(made.code).toBe(0);
      const bytes = readFileSync(whole);
      for (const length of [0, 3, bytes.length >> 1, bytes.length - 5]) {
        const path = join(folder.path, 'B.trades.parquet');
        writeFileSync(path, bytes.subarray(0, length));
        const { code, said } = await refused([command, path, '--json'], join(folder.path, 'data'));
        expect(said, `${length} bytes`).toContain('B.trades.parquet');
        expect(said).toMatch(/parquet/i);
        expect(code).toBe(1);
      }
      // The whole one goes through, to the same bars as the CSV file.
      const direct = await replay(join(folder.path, 'other'), [csv], '--no-store');
      const round = await replay(join(folder.path, 'other'), [whole], '--no-store');
      expect(round.final_bars_digest).toBe(direct.final_bars_digest);
    },
    90_000,
  );

  it('a wrong header is named, with what is allowed', async () => {
    using folder = scratch();
    const path = join(folder.path, 'A.trades.csv');
    writeFileSync(path, 'when,what\n1,2\n');
    const { code, said } = await refused(['replay', path], join(folder.path, 'data'));
    expect(said).toMatch(/header "when,what" does not fit.*ts, price, size/s);
    expect(code).toBe(1);
  });

  it('one bad file among good ones stops everything before anything is written', async () => {
    using folder = scratch();
    const good = join(folder.path, 'A.trades.csv');
    const bad = join(folder.path, 'B.trades.csv.gz');
    writeFileSync(good, tradesCsv(1_000));
    writeFileSync(bad, gzipSync(tradesCsv()).subarray(0, 2_000));
    const { code } = await refused(['replay', good, bad], join(folder.path, 'data'));
    expect(code).toBe(1);
  });
});

describe('bad rows', () => {
  const rows = [
    '1381132800000,100,1,N,,1',
    '1381132801000,NaN,1,N,,2',
    '1381132802000,-5,1,N,,3',
    '1381132803000,0,1,N,,4',
    '1381132804000,abc,1,N,,5',
    '1381132805000,101,-1,N,,6',
    '1381132801500,102,1,N,,7',
    '1381132800000,100,1,N,,1',
    '1381132806000,103',
    ',103,1,N,,9',
    '1381132807000,Infinity,1,N,,10',
    '1381132808000,104,2,N,,11',
  ];

  it.each(['replay', 'import'])('%s keeps the good ones, and every bad one in quarantine', async (command) => {
    using folder = scratch();
    const path = join(folder.path, 'A.trades.csv');
    writeFileSync(path, `ts,price,size,exchange,conditions,id\n${rows.join('\n')}\n`);
    const dataDir = join(folder.path, 'data');
    const { code, stdout } = await tickloom([command, path, '--json', '--data-dir', dataDir]);
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as { events: number; trades: number; quarantined: number };
    expect(report).toMatchObject({ events: rows.length, trades: 3, quarantined: 9 });

    const stored = await exported(dataDir, 'A', 'trades', '--columns', 'all');
    expect(stored.map(({ ts, price, id }) => [ts, price, id])).toEqual([
      ['1381132800000', '100', '1'],
      ['1381132801500', '102', '7'],
      ['1381132808000', '104', '11'],
    ]);
    const quarantined = quarantineOf(dataDir);
    expect(stored.length + quarantined.length).toBe(rows.length);
    expect(quarantined.filter(({ reason }) => reason === 'duplicate')).toHaveLength(1);
    for (const { raw, detail } of quarantined) {
      expect(rows).toContain(raw.trim());
      expect(detail.length).toBeGreaterThan(5);
    }
  });

  it('the API counts and lists what a live run refused', async () => {
    using folder = scratch();
    const flags = ['--set', 'sources.demo.rate=2000', '--set', 'sources.demo.past_hours=1'];
    await using live = await LiveTickloom.start(folder.path, ...flags);
    await live.untilHealth((health) => health.status === 'ok');
    await live.post('/api/v1/demo/break', { action: 'duplicate_storm' });
    interface Page {
      readonly total: number;
      readonly items: readonly { readonly reason: string; readonly symbol: string; readonly raw: string }[];
      readonly next_cursor: string | null;
    }
    let page = await live.get<Page>('/api/v1/quarantine?limit=500');
    for (let round = 0; page.items.length < 500 && round < 200; round++) {
      await new Promise((done) => setTimeout(done, 100));
      page = await live.get<Page>('/api/v1/quarantine?limit=500');
    }
    expect(page.total).toBe(1_000);
    expect(page.items).toHaveLength(500);
    expect(new Set(page.items.map(({ reason }) => reason))).toEqual(new Set(['duplicate']));
    expect(page.next_cursor).not.toBeNull();
    expect(await live.stop()).toMatchObject({ code: 0 });
    expect(quarantineOf(folder.path)).toHaveLength(1_000);
  }, 60_000);
});

describe('bad words on the command line', () => {
  it.each([
    [['replay'], /path/i],
    [['replay', '/no/such/file.csv'], /does not exist/],
    [['replay', '.', '--kind', 'candles'], /trades, quotes, bars/],
    [['replay', '.', '--speed', 'fast'], /speed/],
    [['replay', '.', '--batch-size', '0'], /batch-size/],
    [['export', '--symbol', 'a b', '--kind', 'bars', '--out', '-'], /no symbol/],
    [['export', '--symbol', 'A', '--kind', 'candles', '--out', '-'], /trades, quotes, bars, features/],
    [['start', '--source', 'nowhere'], /nowhere.*available: demo/s],
    [['start', '--set', 'bars.timeframs=1m'], /timeframes/],
    [['start', '--port', '99999'], /port/],
    [['verify', '--run', 'latest'], /holds no recorded run/],
    [['verify', '--run', 'NOPE'], /NOPE/],
    [['wander'], /unknown command "wander"/],
  ] as const)('%j ends with 2 and says what may be', async (args, message) => {
    using folder = scratch();
    const { code, stderr, stdout } = await tickloom([...args, '--data-dir', join(folder.path, 'data')], folder.path);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(2);
    expect(existsSync(join(folder.path, 'data'))).toBe(false);
  });

  it('a symbol that is not held: what there is instead, status 1', async () => {
    using folder = scratch();
    const path = join(folder.path, 'A.trades.csv');
    writeFileSync(path, tradesCsv(100));
    const dataDir = join(folder.path, 'data');
    await replay(dataDir, [path]);
    const args = ['export', '--symbol', 'ZZZ', '--kind', 'trades', '--out', join(folder.path, 'out.csv')];
    const { code, stderr } = await tickloom([...args, '--data-dir', dataDir]);
    expect(stderr).toMatch(/no trades of ZZZ; it holds trades of A\./);
    expect(code).toBe(1);
    expect(existsSync(join(folder.path, 'out.csv'))).toBe(false);
  });
});
