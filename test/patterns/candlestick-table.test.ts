import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CANDLESTICKS, type Candlestick, CandlestickScanner } from '../../src/patterns/index.ts';
import { type CandleBars, randomCandles } from '../support/random-candles.ts';

const PAGE = join(import.meta.dirname, '../../docs/candlestick-table.md');
const BARS = 20_000;
const STEPS = 30;

/** How often each candlestick completes on a walk, per 1000 bars. */
function rates(bars: CandleBars): Map<Candlestick, number> {
  const counts = new Map<Candlestick, number>(CANDLESTICKS.map((candlestick) => [candlestick, 0]));
  const scanner = new CandlestickScanner();
  for (let i = 0; i < BARS; i++) {
    scanner.scan(bars, i, (candlestick) => counts.set(candlestick, (counts.get(candlestick) ?? 0) + 1));
  }
  return new Map([...counts].map(([candlestick, count]) => [candlestick, (1000 * count) / BARS]));
}

const SAYS = { up: 'up', down: 'down', either: 'by its sign', none: 'nothing by itself' } as const;

it('the table of candlesticks says what the registry says (written anew by `npx vitest run test/patterns -u`)', async () => {
  const intraday = rates(randomCandles({ seed: 1, bars: BARS, sigma: 0.0025, gap: 0, steps: STEPS }));
  const daily = rates(randomCandles({ seed: 2, bars: BARS, sigma: 0.015, gap: 0.5, steps: STEPS }));
  const rate = (of: Map<Candlestick, number>, candlestick: Candlestick): string =>
    (of.get(candlestick) ?? 0).toFixed(2);
  const row = (candlestick: Candlestick): string =>
    `| ${[
      candlestick.title,
      `\`${candlestick.id}\``,
      `\`${candlestick.taLib}\``,
      SAYS[candlestick.direction],
      candlestick.candles,
      rate(intraday, candlestick),
      rate(daily, candlestick),
      candlestick.definition,
    ].join(' | ')} |`;
  const page = [
    '# All candlesticks',
    '',
    'Written from the registry by `npx vitest run test/patterns -u`; do not edit by hand. The page `patterns.md` explains it.',
    '',
    `The two rates say how often each one completes per 1000 bars of a random walk, where it means nothing (${BARS} bars of`,
    `${STEPS} Gaussian steps, in cents): without gaps at 0.25 % per bar (seed 1), as minutes are, and with gaps of half a bar's`,
    'deviation at 1.5 % per bar (seed 2), as days are. A candlestick that is found much more often than this in real data says',
    'something about the data; one that is found as often says nothing.',
    '',
    '| candlestick | id | TA-Lib | says | candles | per 1000, no gaps | per 1000, gaps | definition |',
    '|---|---|---|---|---|---|---|---|',
    ...CANDLESTICKS.map(row),
    '',
  ].join('\n');
  await expect(page).toMatchFileSnapshot(PAGE);
});
