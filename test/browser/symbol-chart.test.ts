import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { decodePng } from './support/picture.ts';
import { browserSuite, waitForText } from './support/suite.ts';

const CHART = '.chart-box';

/** Opens a symbol and waits until its candles are on the screen. */
async function openSymbol(page: Page, url: string, symbol: string): Promise<void> {
  await page.goto(`${url}/#/s/${symbol}?tf=1m`);
  await waitForText(page, '.chart-legend', /quality/);
  await page.waitForTimeout(300);
}

/** Share of the pixels of a rectangle of the chart that differ clearly from its background, in greyscale. */
async function inkIn(page: Page, area: { x: number; y: number; width: number; height: number }): Promise<number> {
  const box = await page.locator(CHART).boundingBox();
  if (box === null) throw new Error('no chart on the page');
  const clip = { x: box.x + area.x, y: box.y + area.y, width: area.width, height: area.height };
  const picture = decodePng(await page.screenshot({ clip }));
  const counts = new Map<number, number>();
  for (let y = 0; y < picture.height; y += 1) {
    for (let x = 0; x < picture.width; x += 1) {
      const level = Math.round(picture.grey(x, y));
      counts.set(level, (counts.get(level) ?? 0) + 1);
    }
  }
  const background = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] as number;
  let ink = 0;
  for (const [level, count] of counts) if (Math.abs(level - background) > 40) ink += count;
  return ink / (picture.width * picture.height);
}

browserSuite('symbol screen', (suite) => {
  it('draws candles that move, with a dashed forming bar, axis zone and watermark', async () => {
    const server = await suite.serve();
    const { page, complaints } = await suite.open();
    await openSymbol(page, server.url, 'AAPL');
    const box = await page.locator(CHART).boundingBox();
    const width = (box?.width ?? 0) - 80;
    const height = (box?.height ?? 0) - 40;
    expect(await inkIn(page, { x: 0, y: 0, width, height })).toBeGreaterThan(0.02);
    const legend = await page.locator('.chart-legend').textContent();
    expect(legend).toMatch(/ UTC · O [\d.]+ {2}H [\d.]+ {2}L [\d.]+ {2}C [\d.]+ .* · forming · quality 1\.00 · demo$/);
    await expect.poll(() => page.locator('.chart-legend').textContent()).not.toBe(legend);
    await waitForText(page, '.axis-zone', /^UTC$/);
    await page.keyboard.press('z');
    await waitForText(page, '.axis-zone', /^(EST|EDT)$/);
    expect(await page.locator('.attribution').getAttribute('href')).toBe('https://www.tradingview.com/');
    expect(complaints).toEqual([]);
  });

  it('draws a revised bar with a mark under it, tells its versions, and survives shuffled old bars', async () => {
    const server = await suite.serve();
    const { page, complaints } = await suite.open();
    await openSymbol(page, server.url, 'AAPL');
    server.isTicking = false;
    await page.waitForTimeout(400);
    const box = await page.locator(CHART).boundingBox();
    if (box === null) throw new Error('no chart on the page');
    const before = await page.screenshot({ clip: { ...box, width: box.width - 80 } });
    for (const back of [5, 9, 3, 30, 3, 200, 1]) server.send(server.market.revise('AAPL', back, Date.now()));
    await page.waitForTimeout(600);
    const after = await page.screenshot({ clip: { ...box, width: box.width - 80 } });
    const [was, is] = [decodePng(before), decodePng(after)];
    let newDarkOrLight = 0;
    for (let y = 0; y < is.height; y += 1) {
      for (let x = 0; x < is.width; x += 1) {
        // The mark has the colour of text: far lighter than anything that candles and grid draw in dark colours.
        if (is.grey(x, y) > 215 && was.grey(x, y) < 120) newDarkOrLight += 1;
      }
    }
    expect(newDarkOrLight).toBeGreaterThan(60);
    await page.click('text=Show as table');
    await waitForText(page, '.bar-table tr[data-state="revised"]:nth-child(4) .col-barstate', /^revised, r2$/);
    await page.focus(CHART);
    for (let press = 0; press < 3; press += 1) await page.keyboard.press('ArrowLeft');
    await waitForText(page, '.chart-legend', /revised, r2 \(was r0 [\d.]+, r1 [\d.]+\)/);
    await waitForText(
      page,
      '.drawer-list',
      /6 bars of 1m, \d\d:\d\d:\d\d UTC to \d\d:\d\d:\d\d UTC, were revised, up to revision 2/,
    );
    expect(complaints).toEqual([]);
  });

  it('draws forming and final bars differently in greyscale', async () => {
    const server = await suite.serve();
    server.isTicking = false;
    const bars = server.market.bars.get('AAPL');
    const last = bars?.[bars.length - 1];
    if (bars === undefined || last === undefined) throw new Error('the fixture has no bars');
    // A tall falling body: filled when final, a dashed outline while it forms.
    const tall = { ...last, high: last.open * 1.001, low: last.open * 0.989, close: last.open * 0.99 };
    bars[bars.length - 1] = tall;
    const { page } = await suite.open();
    await openSymbol(page, server.url, 'AAPL');
    const box = await page.locator(CHART).boundingBox();
    const x = Math.round((box?.width ?? 0) - 80 - 80);
    const area = { x, y: 0, width: 70, height: Math.round((box?.height ?? 0) * 0.75) };
    const forming = await inkIn(page, area);
    server.send(server.market.barEvent('AAPL', { ...tall, final: true }, Date.now()));
    await waitForText(page, '.chart-legend', /· final ·/);
    await page.waitForTimeout(300);
    expect(await inkIn(page, area)).toBeGreaterThan(forming * 1.3);
  });

  it('shows the same last bar in the table as in the legend', async () => {
    const server = await suite.serve();
    const { page } = await suite.open();
    await openSymbol(page, server.url, 'AAPL');
    await page.click('text=Show as table');
    await page.waitForSelector('.bar-table tbody tr');
    server.isTicking = false;
    await page.waitForTimeout(600);
    const close = await page.locator('.bar-table tbody tr').first().locator('.col-close').textContent();
    expect(await page.locator('.chart-legend').textContent()).toContain(`C ${close} `);
    expect(await page.locator('.bar-table tbody tr').first().getAttribute('data-state')).toBe('forming');
  });

  it('pages older history in by cursor, one request at a time', async () => {
    const server = await suite.serve();
    const { page, complaints } = await suite.open();
    await openSymbol(page, server.url, 'AAPL');
    const asked = () => server.requests.filter((line) => line.includes('/data/stocks/AAPL'));
    const first = asked().length;
    await page.focus(CHART);
    await page.keyboard.press('Home');
    await expect.poll(() => asked().length).toBeGreaterThan(first);
    await page.waitForTimeout(400);
    await page.keyboard.press('Home');
    await expect.poll(() => asked().length, { timeout: 5_000 }).toBeGreaterThanOrEqual(3);
    await page.waitForTimeout(400);
    expect(new Set(asked()).size).toBe(asked().length);
    expect(asked().length).toBe(3);
    await page.waitForSelector('.go-live:not([hidden])');
    await page.keyboard.press('End');
    await page.waitForSelector('.go-live', { state: 'hidden' });
    expect(complaints).toEqual([]);
  });

  it('says how many bars a feature still needs, and shows it when warm', async () => {
    const server = await suite.serve();
    const { page } = await suite.open();
    await openSymbol(page, server.url, 'AAPL');
    await waitForText(page, '.feature-table tr[data-key="rsi_14"] .col-value', /^warming: 6 more bars$/);
    const event = (start: number, value: number | null) =>
      server.send({
        type: 'features',
        id: server.market.nextId(),
        timestamp: new Date().toISOString(),
        symbol: 'AAPL',
        timeframe: '1m',
        start: new Date(start).toISOString(),
        values: { rsi_14: value },
      });
    const startMs = Math.floor(Date.now() / 60_000) * 60_000;
    event(startMs, null);
    await waitForText(page, '.feature-table tr[data-key="rsi_14"] .col-value', /^warming: 5 more bars$/);
    event(startMs + 60_000, 61.25);
    await waitForText(page, '.feature-table tr[data-key="rsi_14"] .col-value', /^61\.2500$/);
  });

  it('shows gap, repair and revision after a button of "Break it yourself"', async () => {
    const server = await suite.serve();
    const { page, complaints } = await suite.open();
    await openSymbol(page, server.url, 'AAPL');
    await page.click('text=Cut the feed 10 s');
    await waitForText(page, '.break-result', /^Done on AAPL: cut Watch the 1s bars$/);
    await waitForText(page, '.break-steps', /AAPL: no data from demo since .* UTC/);
    await waitForText(page, '.break-steps', /repaired: 412 of 412 events fetched/);
    await waitForText(page, '.break-steps', /1m bar .* UTC is now revision 1/);
    await waitForText(page, '.break-digest', /tickloom verify --run latest/);
    await waitForText(page, '.symbol .panel-note', /1 gap$/);
    expect(await page.locator('.gap-strip .strip-backfilled').count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  it('has a timeframe by digits and Enter, and says what to do where there are no bars', async () => {
    const server = await suite.serve();
    const { page } = await suite.open();
    await openSymbol(page, server.url, 'AAPL');
    await page.locator('h1').click();
    await page.keyboard.type('15');
    await page.keyboard.press('Enter');
    await waitForText(page, '.chart-cover .state-cause', /^No 15m bars of AAPL yet$/);
    await waitForText(page, '.chart-cover code', /tickloom bootstrap --symbols AAPL/);
    expect(page.url()).toContain('#/s/AAPL?tf=15m');
  });
});
