import { expect, it } from 'vitest';
import { browserSuite, waitForText } from './support/suite.ts';

browserSuite('overview', (suite) => {
  it('shows every symbol with price, change, age and state, and the numbers move', async () => {
    const server = await suite.serve();
    const { page, complaints } = await suite.open();
    await page.goto(server.url);
    await page.waitForSelector('.overview-table tbody tr');
    expect(await page.locator('.overview-table tbody tr').count()).toBe(6);
    const cell = page.locator('tr[data-key="AAPL"] .col-last span');
    const first = await cell.textContent();
    await expect.poll(() => cell.textContent(), { timeout: 5_000 }).not.toBe(first);
    expect(await page.locator('tr[data-key="SHIBUSD"] .col-last').textContent()).toMatch(
      /^0\.0000012\d\d$|^0\.0000013\d\d$/,
    );
    expect(await page.locator('tr[data-key="EURUSD"] .col-last').textContent()).toMatch(/^1\.\d{5}$/);
    expect(await page.locator('tr[data-key="AAPL"] .col-change').textContent()).toMatch(/^(▲ \+|▼ −|■ )\d+\.\d\d %$/);
    expect(complaints).toEqual([]);
  });

  it('tells live, late, stale and closed apart in words and shapes, and counts what is stale', async () => {
    const server = await suite.serve();
    const { page } = await suite.open();
    await page.goto(server.url);
    await waitForText(page, 'tr[data-key="AAPL"] .col-state', /^live$/);
    await waitForText(page, 'tr[data-key="EURUSD"] .col-state', /^late$/);
    await waitForText(page, 'tr[data-key="MSFT"] .col-state', /^stale, last \d\d:\d\d:\d\d UTC$/);
    await waitForText(page, 'tr[data-key="XOM"] .col-state', /^closed, opens \d+ \w+ \d\d:\d\d UTC$/);
    expect(await page.locator('tr[data-key="MSFT"] .col-state svg').count()).toBe(1);
    const hatch = await page.locator('tr[data-key="MSFT"]').evaluate((row) => getComputedStyle(row).backgroundImage);
    expect(hatch).toContain('repeating-linear-gradient');
    const calm = await page.locator('tr[data-key="XOM"]').evaluate((row) => getComputedStyle(row).backgroundImage);
    expect(calm).toBe('none');
    expect(await page.locator('tbody tr').first().getAttribute('data-key')).toBe('MSFT');
    await waitForText(page, '[data-item="stale"] .status-value', /^[12]\/6$/);
  });

  it('has the status bar in its fixed order, with the mode as a word', async () => {
    const server = await suite.serve();
    const { page } = await suite.open();
    await page.goto(server.url);
    await waitForText(page, '.mode', /^DEMO$/);
    const order = await page
      .locator('.status-bar [data-item]')
      .evaluateAll((items) => items.map((item) => item.getAttribute('data-item')));
    expect(order).toEqual([
      'mode',
      'connection',
      'engine-time',
      'lag',
      'stale',
      'breakers',
      'training',
      'digest',
      'search',
    ]);
    await waitForText(page, '[data-item="engine-time"]', /\d\d:\d\d:\d\d UTC/);
    await waitForText(page, '[data-item="training"]', /off/);
    expect(await page.locator('[data-item="digest"] .status-value').textContent()).toHaveLength(8);
  });

  it('keeps rows in their places while the pointer is inside, and says what would move', async () => {
    const server = await suite.serve();
    const { page } = await suite.open();
    await page.goto(server.url);
    await waitForText(page, 'tr[data-key="EURUSD"] .col-state', /late/);
    await page.hover('tr[data-key="BTCUSD"]');
    const before = await page
      .locator('tbody tr')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-key')));
    await waitForText(page, 'tr[data-key="EURUSD"] .col-state', /stale/, 10_000);
    await waitForText(page, '.chip.moved', /\d rows moved/);
    const held = await page.locator('tbody tr').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-key')));
    expect(held).toEqual(before);
    await page.mouse.move(5, 890);
    await expect
      .poll(() =>
        page.locator('tbody tr').evaluateAll((rows) => rows.slice(0, 2).map((row) => row.getAttribute('data-key'))),
      )
      .toEqual(['EURUSD', 'MSFT']);
  });

  it('goes by keyboard: rows, screens, search, theme, zone, keys', async () => {
    const server = await suite.serve();
    const { page } = await suite.open();
    await page.goto(server.url);
    await page.waitForSelector('tr[data-key="AAPL"]');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-key'))).toBe('AAPL');
    await page.keyboard.press('Enter');
    await waitForText(page, 'h1', /^AAPL$/);
    for (const [key, title] of [
      ['o', /^Overview$/],
      ['r', /^Sources$/],
      ['d', /^Data$/],
      ['y', /^System$/],
      [',', /^Settings$/],
    ] as const) {
      await page.keyboard.press('g');
      await page.keyboard.press(key);
      await waitForText(page, 'h1', title);
    }
    await page.locator('h1').click();
    await page.keyboard.press('/');
    await page.keyboard.type('btc');
    await page.keyboard.press('Enter');
    await waitForText(page, 'h1', /^BTCUSD$/);
    await page.keyboard.press('t');
    expect(await page.locator('html').getAttribute('data-theme')).toBe('light');
    await page.keyboard.press('?');
    expect(await page.locator('dialog[open] h2').textContent()).toBe('Keys');
    await page.keyboard.press('Escape');
    expect(await page.locator('dialog[open]').count()).toBe(0);
  });

  it('shows every time in the zone that was chosen, with its name', async () => {
    const server = await suite.serve();
    for (const [timezoneId, name] of [
      ['Asia/Tokyo', 'GMT+9'],
      ['America/New_York', 'EST|EDT'],
      ['UTC', 'UTC'],
    ] as const) {
      const { page, close } = await suite.open({ timezoneId });
      await page.goto(server.url);
      await waitForText(page, '[data-item="engine-time"] .status-value', / UTC$/);
      await page.keyboard.press('z');
      await waitForText(page, '[data-item="engine-time"] .status-value', / (EST|EDT)$/);
      await page.keyboard.press('z');
      await waitForText(page, '[data-item="engine-time"] .status-value', new RegExp(` (${name.replace('+', '\\+')})$`));
      await close();
    }
  });

  it('pauses everything on Space and catches up afterwards', async () => {
    const server = await suite.serve();
    const { page } = await suite.open();
    await page.goto(server.url);
    await waitForText(page, 'tr[data-key="AAPL"] .col-state', /^live$/);
    await page.keyboard.press(' ');
    await waitForText(page, '.paused-chip', /paused, [1-9]\d* events behind/);
    const held = await page.locator('.overview-table tbody').textContent();
    await page.waitForTimeout(1_300);
    expect(await page.locator('.overview-table tbody').textContent()).toBe(held);
    await page.keyboard.press(' ');
    await expect.poll(() => page.locator('.overview-table tbody').textContent()).not.toBe(held);
    expect(await page.locator('.paused-chip').isVisible()).toBe(false);
  });
});
