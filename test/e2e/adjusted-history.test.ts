import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { answerOf, DATA, hasData, scratch, startTickloom } from './tickloom.ts';

type Tuple = readonly [ms: number, open: number, high: number, low: number, close: number, volume: number];

/** Rows of `reference/factor`: a raw close up to and with `date` times both factors compares with the newest. */
interface Factor {
  readonly date: string;
  readonly price: number;
  readonly split: number;
  readonly close: number;
}

function factorsOf(symbol: string): Factor[] {
  const lines = readFileSync(join(DATA, 'reference/factor', `${symbol}.csv`), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => {
    const [date = '', price, split, close] = line.split(',');
    const day = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`;
    return { date: day, price: Number(price), split: Number(split), close: Number(close) };
  });
}

/** The steps of the factors as the actions that they were made of. */
function actionsOf(symbol: string): string[] {
  const factors = factorsOf(symbol);
  return factors.slice(0, -1).flatMap((before, i) => {
    const after = factors[i + 1] as Factor;
    const ex = new Date(Date.parse(before.date) + 86_400_000).toISOString().slice(0, 10);
    const ratio = Number((after.split / before.split).toFixed(4));
    const paid = before.close * (1 - before.price / after.price);
    return [
      ...(ratio === 1 ? [] : [`${symbol},split,${ex},${ratio}`]),
      ...(Math.abs(paid) < 1e-9 ? [] : [`${symbol},dividend,${ex},${paid}`]),
    ];
  });
}

function closesOf(path: string): Map<number, number> {
  const lines = gunzipSync(readFileSync(join(DATA, path)))
    .toString()
    .trim()
    .split('\n')
    .slice(1);
  return new Map(lines.map((line) => [Number(line.split(',')[0]), Number(line.split(',')[4])]));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number;
}

describe.skipIf(!hasData)('adjusted history over HTTP (TICKLOOM_TEST_DATA)', () => {
  test('equals what others adjusted, and as of a time knows nothing of later splits', async () => {
    using folder = scratch();
    const data = join(folder.path, 'data');
    const file = join(folder.path, 'actions.csv');
    writeFileSync(file, ['symbol,kind,ex_date,value', ...actionsOf('AAPL'), ...actionsOf('SPY'), ''].join('\n'));
    const daily = ['AAPL', 'SPY'].map((symbol) => join(DATA, 'daily', `${symbol}.csv.gz`));
    await answerOf(['import', ...daily, '--data-dir', data]);
    const line = ['import', file, '--kind', 'actions', '--data-dir', data];
    expect(await answerOf(line)).toMatchObject({ splits: 4, news: 133 });
    expect(await answerOf(line)).toMatchObject({ news: 0 });

    const running = startTickloom([
      'start',
      '--source',
      'demo',
      '--symbols',
      'AAPL,SPY',
      '--port',
      '0',
      '--data-dir',
      data,
    ]);
    try {
      const [, url = ''] = await running.waitFor(/running: (http:\S+)/);
      const bars = async (symbol: string, query: string): Promise<readonly Tuple[]> => {
        const range = 'timeframe=1d&shape=array&limit=10000&from=1998-01-01&to=2021-04-01';
        const answer = await fetch(`${url}/api/v1/data/stocks/${symbol}?${range}&${query}`);
        expect(answer.status).toBe(200);
        return ((await answer.json()) as { bars: readonly Tuple[] }).bars;
      };
      // The file was adjusted in 2018, when the split of 2020 was nobody's business.
      const theirs = closesOf('daily/AAPL.splitadjusted.csv.gz');
      const asOf2018 = await bars('AAPL', 'adjusted=split&as_of=2018-01-20T12:00:00Z');
      const errors = asOf2018.flatMap(([ms, , , , close]) => {
        const their = theirs.get(ms);
        return their === undefined ? [] : [Math.abs(close / their - 1)];
      });
      expect(errors).toHaveLength(theirs.size);
      expect(median(errors)).toBeLessThan(1e-6);
      // Last trades and official closes differ by some cents on days of 2008.
      expect(Math.max(...errors)).toBeLessThan(0.02);
      expect(new Date(asOf2018.at(-1)?.[0] ?? 0).toISOString().slice(0, 10)).toBe('2018-01-19');

      for (const symbol of ['AAPL', 'SPY']) {
        const factors = factorsOf(symbol);
        const raw = await bars(symbol, 'adjusted=raw');
        const all = await bars(symbol, 'adjusted=all');
        expect(raw.map(([ms, , , , close]) => [ms, close])).toEqual([...closesOf(`daily/${symbol}.csv.gz`)]);
        const off = all.map(([ms, , , , close], i) => {
          const date = new Date(ms).toISOString().slice(0, 10);
          const factor = factors.find((each) => each.date >= date) as Factor;
          return Math.abs(close / ((raw[i] as Tuple)[4] * factor.price * factor.split) - 1);
        });
        expect(Math.max(...off)).toBeLessThan(2e-3);
      }
      const before = await bars('AAPL', 'adjusted=split&as_of=2020-08-29T03:59:59Z');
      const after = await bars('AAPL', 'adjusted=split&as_of=2020-08-29T04:00:00Z');
      expect((after[0]?.[4] ?? 0) / (before[0]?.[4] ?? 1)).toBe(0.25);
      expect((after[0]?.[5] ?? 0) / (before[0]?.[5] ?? 1)).toBe(4);
      const refused = await fetch(`${url}/api/v1/data/stocks/AAPL?adjusted=some`);
      expect(refused.status).toBe(400);
    } finally {
      running.process.kill('SIGINT');
      await running.ended;
    }
  }, 120_000);
});
