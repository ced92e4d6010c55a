import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { AlertRuleRow, WebhookRow } from '../../src/api/protocol/index.ts';
import { EDGE } from './support/statement-fixture.ts';
import { browserSuite, waitForText } from './support/suite.ts';

const RULE: AlertRuleRow = {
  name: 'strong',
  kinds: ['pattern'],
  symbols: [],
  patterns: [],
  level: 'HIGH',
  min_confidence: 0,
  quiet_hours: { from: '22:00', to: '07:00', zone: 'Europe/Berlin' },
  cool_down_s: 300,
  mode: 'on',
  webhooks: ['desk'],
  fired: 4,
  last_fired: null,
};
const HOOK: WebhookRow = { name: 'desk', host: 'hooks.example.org', allow_private: false };

/** Rows of a table, as text with single blanks. */
async function rowsOf(page: Page, table: string): Promise<readonly string[]> {
  const rows = await page
    .locator(`${table} tbody tr`)
    .evaluateAll((found) => found.map((row) => [...row.children].map((cell) => cell.textContent ?? '').join(' | ')));
  return rows;
}

/** The chart as it looks now. */
async function chartPicture(page: Page): Promise<string> {
  return (await page.locator('.chart-box').screenshot()).toString('base64');
}

browserSuite('patterns, regimes, signals, alerts', (suite) => {
  it('shows patterns with what they are worth, draws the chosen one, and explains it', async () => {
    const server = await suite.serve();
    server.isTicking = false;
    server.statements.fill(Date.now());
    const { page, complaints } = await suite.open();
    await page.goto(`${server.url}/#/s/AAPL?tf=1m`);
    await page.waitForSelector('.pattern-table tbody tr');
    const [top, tolerance, doji, hammer] = await rowsOf(page, '.pattern-table');
    expect(top).toMatch(
      /Double top \| ▼ down \| triggered \| 92 \| no edge measured \| 45\.9 % \(34–59\) \| 48\.0 % \| 61 \(42\) \| open/,
    );
    expect(tolerance).toMatch(/#7 \| ▲ up .* \| 63\.2 % \| 64\.0 % \(55–72\) \| 48\.0 % \| 240 \(130\)/);
    expect(doji).toMatch(/Doji \| ◆ none .* no edge measured \| – \| – \| 0 \(42\) \| not followed/);
    expect(hammer).toMatch(/Hammer .* \| target, \+0\.40 %/);
    await waitForText(page, '.regime-facts', /▼ weak bear.*high/);
    await page.mouse.move(5, 5);
    const before = await chartPicture(page);
    await page.locator('.pattern-table tbody tr', { hasText: 'Double top' }).click();
    await waitForText(
      page,
      '.pattern-detail',
      /Double top: entry .* target .* stop .* No edge measured: the probability is the base rate/,
    );
    await page.mouse.move(5, 5);
    await expect.poll(() => chartPicture(page)).not.toBe(before);
    await page.locator('.pattern-table tbody tr', { hasText: 'Double top' }).getByRole('button').click();
    await waitForText(
      page,
      '.explain-dialog',
      /How likelyNo edge measured.*n 61 outcomes, 42 effective; random entries 48\.0 %/,
    );
    await page.keyboard.press('Escape');
    expect(await page.locator('.explain-dialog[open]').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('replaces what was amended, strikes through what was withdrawn, and takes new patterns live', async () => {
    const server = await suite.serve();
    server.isTicking = false;
    server.statements.fill(Date.now());
    const { statements } = server;
    const { page, complaints } = await suite.open();
    await page.goto(`${server.url}/#/s/AAPL?tf=1m`);
    await page.waitForSelector('.pattern-table tbody tr');
    const [hammer, , tolerance] = statements.patterns;
    if (hammer === undefined || tolerance === undefined) throw new Error('the fixture has too few patterns');
    const amended = { change: 'amended', replaces: hammer.id, bar_revision: 1, confidence: 71 } as const;
    const withdrawn = { change: 'withdrawn', replaces: tolerance.id, bar_revision: 2 } as const;
    server.send(
      statements.match('AAPL', 30, amended),
      statements.match('AAPL', 16, { ...withdrawn, pattern_id: 7, family: 'tolerance', odds: EDGE }),
      statements.match('AAPL', 2, { pattern_id: 'engulfing' }),
      statements.match('BTCUSD', 2, { pattern_id: 'harami' }),
    );
    await waitForText(page, '.pattern-table tbody', /Engulfing/);
    const rows = await rowsOf(page, '.pattern-table');
    expect(rows.length).toBe(5);
    expect(rows.find((row) => row.includes('Hammer'))).toMatch(/amended, r1 \| 71/);
    expect(rows.join()).not.toContain('Harami');
    const struck = page.locator('.pattern-table tr[data-state="withdrawn"]');
    expect(await struck.textContent()).toMatch(/#7.*withdrawn, r2/);
    expect(await struck.locator('.col-name').evaluate((cell) => getComputedStyle(cell).textDecorationLine)).toBe(
      'line-through',
    );
    await page.getByRole('button', { name: 'candlestick', exact: true }).click();
    await expect.poll(async () => (await rowsOf(page, '.pattern-table')).length).toBe(2);
    expect(complaints).toEqual([]);
  });

  it('ranks signals, filters them, takes withdrawals live, and opens the explanation by keyboard', async () => {
    const server = await suite.serve();
    server.statements.fill(Date.now());
    const { statements } = server;
    const { page, complaints } = await suite.open();
    await page.goto(server.url);
    await waitForText(page, '.connection', /^connected$/);
    await page.keyboard.press('g');
    await page.keyboard.press('p');
    await page.waitForSelector('.signal-table tbody tr');
    await page.mouse.move(5, 5);
    const rows = await rowsOf(page, '.signal-table');
    expect(rows[0]).toMatch(
      /^AAPL \| 1m \| ▲ STRONG BUY \| \+88\.4 \| 80 \| no edge measured \| 45\.9 % \(34–59\) \| 48\.0 % \| 61 \(42\) \| [\d.]+ \| [\d.]+ \| [\d.]+ \| 1\.00 \| \d+ s \| valid/,
    );
    expect(rows.map((row) => row.split(' | ')[2])).toEqual(['▲ STRONG BUY', '▼ SELL', '■ HOLD']);
    await waitForText(page, '.success-table tbody', /Hammer.*no edge measured/);
    await page.getByLabel('Action').selectOption('sell');
    await expect.poll(async () => (await rowsOf(page, '.signal-table')).length).toBe(1);
    await page.getByLabel('Action').selectOption('all');
    await page.locator('h1').click();
    const [first] = statements.signals;
    const taken = { action: 'STRONG BUY', change: 'withdrawn', replaces: first?.id ?? 0, score: 88.4 } as const;
    server.send(statements.signal('AAPL', taken, Date.now()));
    await waitForText(page, '.signal-table tr[data-state="withdrawn"]', /AAPL.*withdrawn/);
    await expect.poll(async () => (await rowsOf(page, '.signal-table')).at(-1)).toMatch(/^AAPL/);
    await page.keyboard.press('j');
    await page.keyboard.press('e');
    await waitForText(page, '.explain-dialog h2', /^signal \d+$/);
    await waitForText(page, '.explain-body', /It rests on.*Hammer/);
    await page.locator('.explain-dialog').getByRole('button', { name: 'Close' }).click();
    expect(complaints).toEqual([]);
  });

  it('pops alerts up by level, three at most with a count, and m switches them off', async () => {
    const server = await suite.serve();
    server.statements.fill(Date.now());
    const { statements } = server;
    const { page, complaints } = await suite.open();
    await page.goto(`${server.url}/#/alerts`);
    await page.waitForSelector('.alert-table tbody tr');
    expect(await page.locator('.pop-up').count()).toBe(0);
    server.send(statements.alert('MEDIUM', 'A mild one', Date.now()));
    server.send(
      ...[1, 2, 3, 4, 5].map((i) => statements.alert('HIGH', `High one ${i}`, Date.now(), { symbol: 'AAPL' })),
    );
    await waitForText(page, '.pop-ups', /High one 3.*High one 4.*High one 5.*and 2 more/);
    expect(await page.locator('.pop-up').count()).toBe(3);
    expect(await page.locator('.pop-ups').textContent()).not.toContain('A mild one');
    await waitForText(page, '.alert-table tbody', /A mild one/);
    const box = await page.locator('.pop-ups').boundingBox();
    expect((box?.x ?? 1440) + (box?.width ?? 0)).toBeLessThan(720);
    await page.locator('main').focus();
    await page.keyboard.press('m');
    expect(await page.locator('.pop-up').count()).toBe(0);
    await expect.poll(() => page.getByLabel('Pop up from level').inputValue()).toBe('off');
    server.send(statements.alert('CRITICAL', 'Not shown', Date.now()));
    await waitForText(page, '.alert-table tbody', /Not shown/);
    expect(await page.locator('.pop-up').count()).toBe(0);
    await page.locator('.filters').first().locator('select').first().selectOption('CRITICAL');
    await expect.poll(async () => (await rowsOf(page, '.alert-table')).length).toBe(2);
    expect(complaints).toEqual([]);
  });

  it('shows rules, deliveries and what a test of a webhook came to', async () => {
    const server = await suite.serve();
    server.statements.fill(Date.now());
    const at = new Date().toISOString();
    server.statements.rules = { rules: [{ ...RULE, last_fired: at }], webhooks: [{ ...HOOK }] };
    server.statements.deliveries.push({
      id: 3,
      webhook_id: 'msg_3',
      webhook: 'desk',
      rule: 'strong',
      message: 'Pattern #7 triggered',
      state: 'dead',
      attempts: [{ at, status: 500, error: 'the receiver answered 500', latency_ms: 12 }],
      error: 'the receiver answered 500',
      created: at,
      next_attempt: null,
    });
    const { page, complaints } = await suite.open();
    await page.goto(`${server.url}/#/alerts`);
    await page.waitForSelector('.rule-table tbody tr');
    const [rule] = await rowsOf(page, '.rule-table');
    expect(rule).toMatch(
      /^strong \| on \| HIGH \| pattern \| all \| desk \| 22:00–07:00 Europe\/Berlin \| 5 min \| 4 \| /,
    );
    const [delivery] = await rowsOf(page, '.delivery-table');
    expect(delivery).toMatch(/ \| desk \| strong \| dead \| 1 \| 500 \| – \| the receiver answered 500 \| msg_3$/);
    await page.getByRole('button', { name: 'Test desk at hooks.example.org' }).click();
    await waitForText(page, '.rule-panels', /desk: not delivered: no answer in time, in 3\.0 s, id msg_test/);
    expect(complaints).toEqual([]);
  });

  it('says why there is nothing, and lets a failed part be read again', async () => {
    const server = await suite.serve();
    server.failing.set('/ml/realtime/signals', 503);
    const { page } = await suite.open({ viewport: { width: 390, height: 844 } });
    await page.goto(`${server.url}/#/signals`);
    await waitForText(page, '.state-panel.error', /The history store does not answer.*store_unavailable/);
    server.failing.clear();
    await page.getByRole('button', { name: 'Try again' }).first().click();
    await waitForText(page, '.state-panel', /No signal yet.*npx tickloom bootstrap/);
    await page.goto(`${server.url}/#/alerts`);
    await waitForText(page, '.state-panel', /No alert yet/);
    await page.goto(`${server.url}/#/s/AAPL?tf=1m`);
    await waitForText(page, '.pattern-panel', /No pattern on 1m bars of AAPL yet/);
    await waitForText(page, '.regime-facts', /none yet/);
  });
});
