import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RunStatus } from '../../src/api/protocol/index.ts';
import { CHROMIUM_PATH, hasChromium, openPage, type WatchedPage } from './support/chromium.ts';
import { decodePng } from './support/picture.ts';
import { waitForText } from './support/suite.ts';
import { startTickloom, type TickloomProcess } from './support/tickloom-process.ts';

/** How far the engine is behind the clock. */
async function lagMs(url: string): Promise<number> {
  const run = (await (await fetch(`${url}/api/v1/run`)).json()) as RunStatus;
  return run.lag_ms ?? Number.POSITIVE_INFINITY;
}

const title = hasChromium ? 'dashboard of a demo run' : `dashboard of a demo run (no Chromium at ${CHROMIUM_PATH})`;

describe.skipIf(!hasChromium)(title, () => {
  let tickloom: TickloomProcess | undefined;
  let watched: WatchedPage | undefined;

  beforeAll(async () => {
    tickloom = await startTickloom();
    // A first start makes the last minutes for itself; until then engine time is behind the clock.
    await vi.waitUntil(async () => (await lagMs(tickloom?.url ?? '')) < 1_000, { timeout: 50_000, interval: 250 });
  });
  afterEach(async () => {
    await watched?.close();
    watched = undefined;
  });
  afterAll(async () => {
    expect(await tickloom?.stop()).toBe(0);
  });

  it('moves: numbers in the table, candles on the chart', async () => {
    watched = await openPage();
    const { page, complaints } = watched;
    await page.goto(tickloom?.url ?? '');
    await waitForText(page, '.mode', /^DEMO$/);
    await waitForText(page, '.connection', /^connected$/);
    await expect.poll(() => page.locator('.overview-table tbody tr').count()).toBeGreaterThanOrEqual(5);
    const prices = () => page.locator('.overview-table .col-last').allTextContents();
    const first = await prices();
    await expect
      .poll(async () => (await prices()).filter((price, i) => price !== first[i]).length, { timeout: 10_000 })
      .toBeGreaterThan(3);
    await waitForText(page, '[data-item="digest"] .status-value', /^[0-9a-f]{8}$/);
    await page.locator('.overview-table tbody tr').first().click();
    // The pointer would lie on the chart, and the legend would tell of the bar under it.
    await page.mouse.move(5, 5);
    await waitForText(page, '.chart-legend', /· forming · quality \d\.\d\d · demo$/);
    const box = await page.locator('.chart-box').boundingBox();
    if (box === null) throw new Error('no chart on the page');
    const before = decodePng(await page.screenshot({ clip: box }));
    const changedPixels = async (): Promise<number> => {
      const now = decodePng(await page.screenshot({ clip: box }));
      let changed = 0;
      for (let y = 0; y < now.height; y += 1) {
        for (let x = 0; x < now.width; x += 1) if (Math.abs(now.grey(x, y) - before.grey(x, y)) > 30) changed += 1;
      }
      return changed;
    };
    await expect.poll(changedPixels, { timeout: 10_000 }).toBeGreaterThan(20);
    await page.waitForSelector('.feature-table tbody tr');
    expect(await page.locator('.feature-table tbody tr').count()).toBeGreaterThan(10);
    await page.waitForSelector('.trade-table tbody tr');
    expect(complaints).toEqual([]);
  });

  it('shows every screen without a complaint in the console', async () => {
    watched = await openPage({ viewport: { width: 390, height: 844 } });
    const { page, complaints } = watched;
    for (const [address, heading] of [
      ['signals', /^Signals$/],
      ['alerts', /^Alerts$/],
      ['sources', /^Sources$/],
      ['data', /^Data$/],
      ['system', /^System$/],
      ['settings', /^Settings$/],
      ['about', /^About Tickloom$/],
    ] as const) {
      await page.goto(`${tickloom?.url}/#/${address}`);
      await waitForText(page, 'h1', heading);
      await waitForText(page, '.connection', /^connected$/);
      await expect.poll(() => page.locator('main .skeleton').count(), { timeout: 8_000 }).toBe(0);
      expect(await page.locator('main .state-panel.error').count(), address).toBe(0);
    }
    await page.goto(`${tickloom?.url}/#/sources`);
    await waitForText(page, 'tr[data-key="demo"] .col-state', /^live$/);
    expect(complaints).toEqual([]);
  });

  it('pages older history in when scrolled to the left', async () => {
    watched = await openPage();
    const { page, complaints } = watched;
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/api/v1/data/')) asked.push(request.url());
    });
    await page.goto(`${tickloom?.url}/#/s/AAPL?tf=1m`);
    await waitForText(page, '.chart-legend', /quality/);
    await page.focus('.chart-box');
    await page.keyboard.press('Home');
    await expect.poll(() => asked.some((url) => url.includes('cursor=')), { timeout: 8_000 }).toBe(true);
    await page.waitForTimeout(500);
    expect(new Set(asked).size).toBe(asked.length);
    expect(complaints).toEqual([]);
  });

  it('shows what "Break it yourself" did: late trade, duplicates, cut and repair', async () => {
    watched = await openPage();
    const { page, complaints } = watched;
    await page.goto(`${tickloom?.url}/#/s/AAPL?tf=1s`);
    await waitForText(page, '.chart-legend', /quality/);
    await page.click('text=Late trade');
    await waitForText(page, '.break-steps', /1s bar \d\d:\d\d:\d\d UTC is now revision \d/, 20_000);
    await page.click('text=Duplicate storm');
    await waitForText(page, '.break-result', /^The last 1000 trades are sent once more/);
    await page.click('text=Cut the feed 10 s');
    await waitForText(page, '.break-digest', /same final bars/);
    await waitForText(page, '.break-steps', /no data from demo since/, 20_000);
    await waitForText(page, '.break-steps', /no data from demo since.*gap from .* repaired/, 30_000);
    await page.goto(`${tickloom?.url}/#/data`);
    await waitForText(page, '.gap-table tbody', /backfilled/);
    await waitForText(page, '.quarantine-table tbody', /duplicate/i);
    expect(complaints).toEqual([]);
  }, 90_000);

  it('comes back by itself after the server was killed and started again, with the bars of both', async () => {
    watched = await openPage();
    const { page, complaints } = watched;
    await page.goto(`${tickloom?.url}/#/s/AAPL?tf=1s`);
    await waitForText(page, '.chart-legend', /quality/);
    await tickloom?.kill();
    await waitForText(page, '.connection', /^reconnecting, attempt \d+ in \d+ s, last event/);
    tickloom = await startTickloom(tickloom);
    await waitForText(page, '.connection', /^connected$/, 30_000);
    const numbers = () => page.locator('.trade-table tbody').textContent();
    const first = await numbers();
    await expect.poll(numbers, { timeout: 15_000 }).not.toBe(first);
    await page.click('text=Show as table');
    await page.waitForSelector('.bar-table tbody tr');
    const starts = await page
      .locator('.bar-table tbody tr')
      .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-key'))));
    expect(new Set(starts).size).toBe(starts.length);
    expect(starts).toEqual([...starts].sort((a, b) => b - a));
    expect(complaints.filter((complaint) => !complaint.includes('ERR_CONNECTION_REFUSED'))).toEqual([]);
  }, 90_000);
});
