import { expect, it } from 'vitest';
import { browserSuite, waitForText } from './support/suite.ts';

browserSuite('connection', (suite) => {
  it('says that it reconnects, then resumes with since and the same subscriptions', async () => {
    const server = await suite.serve();
    const { page } = await suite.open();
    await page.goto(`${server.url}/#/s/AAPL?tf=1m`);
    await waitForText(page, '.connection', /^connected$/);
    await expect.poll(() => server.received.length).toBeGreaterThanOrEqual(3);
    await expect.poll(() => page.title()).toMatch(/^▲ Symbol · DEMO/);
    await server.stop();
    await waitForText(page, '.connection', /^reconnecting, attempt \d+ in \d+ s, last event .*(ago|just now)$/);
    await expect.poll(() => page.title(), { timeout: 2_000 }).toMatch(/^■ /);
    expect(await page.locator('#favicon').getAttribute('href')).toBe('/favicon-lost.svg');
    server.received.length = 0;
    await server.start();
    await waitForText(page, '.connection', /^connected$/, 15_000);
    await expect.poll(() => server.received.length).toBeGreaterThanOrEqual(3);
    const resumed = server.received as { action: string; channels: string[]; since?: number }[];
    expect(resumed.every((message) => message.action === 'subscribe' && Number(message.since) > 1)).toBe(true);
    expect(resumed.map((message) => message.channels.join()).sort()).toEqual(
      ['bars', 'bars,features,trades,pattern_matches,regime_changes,outcomes', 'stats,gaps,alerts'].sort(),
    );
  });

  it('polls every 5 s where sockets are blocked, and says so', async () => {
    const server = await suite.serve();
    server.refusesSockets = true;
    const { page } = await suite.open();
    await page.goto(server.url);
    await waitForText(page, '.connection', /^WebSocket blocked, polling every 5 s$/, 12_000);
    expect(await page.locator('.overview-table tbody tr').count()).toBe(6);
    const age = await waitForText(page, 'tr[data-key="AAPL"] .col-age', /\d+ s|now/);
    expect(age).not.toBe('');
    const polls = server.requests.filter((line) => line === 'GET /api/v1/run').length;
    await expect
      .poll(() => server.requests.filter((line) => line === 'GET /api/v1/run').length, { timeout: 8_000 })
      .toBeGreaterThan(polls);
    server.refusesSockets = false;
    await waitForText(page, '.connection', /^connected$/, 15_000);
  });

  it('keeps the last numbers and lets them go stale while the server is silent', async () => {
    const server = await suite.serve();
    server.staleAfterS = 4;
    const { page } = await suite.open();
    await page.goto(server.url);
    await waitForText(page, 'tr[data-key="AAPL"] .col-state', /^live$/);
    server.isTicking = false;
    await waitForText(page, 'tr[data-key="AAPL"] .col-state', /^late$/, 9_000);
    await waitForText(page, 'tr[data-key="AAPL"] .col-state', /^stale, last/, 9_000);
    expect(await page.locator('tr[data-key="AAPL"] .col-last').textContent()).toMatch(/^\d+\.\d\d$/);
    server.isTicking = true;
    await waitForText(page, 'tr[data-key="AAPL"] .col-state', /^live$/);
  });

  it('reads everything anew when the server can no longer tell what was missed', async () => {
    const server = await suite.serve();
    const { page } = await suite.open();
    await page.goto(`${server.url}/#/s/AAPL?tf=1m`);
    await waitForText(page, '.chart-legend', /forming/);
    const before = server.requests.filter((line) => line.startsWith('GET /api/v1/data/stocks/AAPL')).length;
    server.send({
      type: 'resync',
      timestamp: new Date().toISOString(),
      message: 'too old',
      since: 1,
      oldest_id: 500,
      last_id: 900,
      fetch: [],
    });
    await expect
      .poll(() => server.requests.filter((line) => line.startsWith('GET /api/v1/data/stocks/AAPL')).length)
      .toBeGreaterThan(before);
  });
});
