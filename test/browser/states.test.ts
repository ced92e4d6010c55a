import { expect, it } from 'vitest';
import { browserSuite, waitForText } from './support/suite.ts';

browserSuite('states', (suite) => {
  it('names cause and command where a run has no symbols', async () => {
    const server = await suite.serve([]);
    const { page } = await suite.open();
    await page.goto(server.url);
    await waitForText(page, '.state-cause', /^Nothing to show yet$/);
    await waitForText(page, '.state-panel code', /^npx tickloom start --symbols/);
    await page.goto(`${server.url}/#/s/AAPL`);
    await waitForText(page, '.state-cause', /^This run has no symbols$/);
  });

  it('shows a skeleton until the first answer, and an error with code and retry when it fails', async () => {
    const server = await suite.serve();
    server.failing.set('/api/v1/data/stocks/AAPL', 503);
    const { page } = await suite.open();
    await page.goto(`${server.url}/#/s/AAPL?tf=1m`);
    await waitForText(page, '.state-panel.error .state-cause', /^The history store does not answer$/);
    await waitForText(page, '.state-panel.error code', /^store_unavailable$/);
    server.failing.clear();
    await page.click('text=Try again');
    await waitForText(page, '.chart-legend', /quality/);
    expect(await page.locator('.chart-cover').isVisible()).toBe(false);
  });

  it('shows a skeleton while it waits', async () => {
    const server = await suite.serve();
    const { page } = await suite.open();
    await page.route('**/api/v1/symbols', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      await route.continue();
    });
    await page.route('**/api/v1/run', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      await route.continue();
    });
    await page.goto(server.url);
    expect(await page.locator('.skeleton[aria-busy="true"]').first().isVisible()).toBe(true);
    await page.waitForSelector('.overview-table tbody tr');
    expect(await page.locator('.overview .skeleton').count()).toBe(0);
  });

  it('says on every screen that the run is degraded, and why', async () => {
    const server = await suite.serve();
    server.health = {
      ...server.health,
      status: 'degraded',
      components: { ...server.health.components, lake: { status: 'degraded', detail: 'disk full' } },
    };
    const { page } = await suite.open();
    await page.goto(`${server.url}/#/sources`);
    await waitForText(page, '.health-bar', /^■ degraded: lake degraded, disk full$/);
  });

  it('cannot be mistaken for live while it replays', async () => {
    const server = await suite.serve();
    server.market.mode = 'replay';
    server.market.speed = 20;
    const { page } = await suite.open();
    await page.goto(`${server.url}/#/s/AAPL?tf=1m`);
    await waitForText(page, '.mode', /^REPLAY 20x$/);
    const tinted = await page.locator('.status-bar').evaluate((bar) => getComputedStyle(bar).backgroundColor);
    const panel = await page.locator('.drawer').evaluate((bar) => getComputedStyle(bar).backgroundColor);
    expect(tinted).not.toBe(panel);
    expect(await page.locator('.break-panel').isVisible()).toBe(false);
    await expect.poll(() => page.title()).toContain('REPLAY');
  });

  it('shows a source in trouble in words, and a gap under repair', async () => {
    const server = await suite.serve();
    const [demo] = server.market.sources;
    if (demo === undefined) throw new Error('the fixture has no source');
    const at = new Date(Date.now() - 5_000).toISOString();
    server.market.sources = [
      {
        ...demo,
        state: 'reconnecting',
        breaker: 'open',
        quota: { left: 3, limit: 5, window: 'minute' },
        last_error: { code: 'socket_closed', message: 'the provider closed the socket', at },
        outages: [{ from: at, to: null, reason: 'socket closed' }],
      },
    ];
    server.market.breakersOpen = 1;
    const { page } = await suite.open();
    await page.goto(`${server.url}/#/sources`);
    await waitForText(page, 'tr[data-key="demo"] .col-state', /^reconnecting$/);
    await waitForText(page, 'tr[data-key="demo"] .col-breaker', /^OPEN$/);
    await waitForText(page, 'tr[data-key="demo"] .col-quota', /^3\/5 per minute$/);
    await waitForText(page, 'tr[data-key="demo"] .col-error', /^the provider closed the socket, \d+ s ago$/);
    await waitForText(page, '.outages', /demo from .* still away: socket closed/);
    await waitForText(page, '[data-item="breakers"] .status-value', /^1$/);
    server.send({
      type: 'gap',
      id: server.market.nextId(),
      timestamp: at,
      symbol: 'AAPL',
      source: 'demo',
      from: at,
      to: null,
      state: 'backfilling',
      reason: 'socket closed',
      repaired: 120,
      expected: 412,
    });
    await page.goto(`${server.url}/#/overview`);
    await waitForText(page, 'tr[data-key="AAPL"] .col-state', /^backfilling 120 of 412$/);
  });

  it('lists what was refused, with its raw text, without ever parsing it as HTML', async () => {
    const server = await suite.serve();
    const raw = '<img src=x onerror="document.title=1">{"p":-3.2}';
    server.market.quarantine.push({
      id: 'q-1',
      received_at: new Date().toISOString(),
      source: 'demo',
      symbol: 'AAPL',
      kind: 'trade',
      reason: 'price_not_positive',
      detail: 'price is -3.2',
      raw,
    });
    const { page, complaints } = await suite.open();
    await page.goto(`${server.url}/#/data`);
    await waitForText(page, 'tr[data-key="q-1"] .col-reason', /^price_not_positive$/);
    await page.click('tr[data-key="q-1"]');
    expect(await page.locator('.raw pre').textContent()).toBe(raw);
    expect(await page.locator('.raw img').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('takes settings as JSON, refuses what it does not know, and remembers', async () => {
    const server = await suite.serve();
    const { page } = await suite.open();
    await page.goto(`${server.url}/#/settings`);
    await page.fill('#settings-json', '{"palette":"rainbow"}');
    await page.click('text=Apply this text');
    await waitForText(
      page,
      '.settings-message',
      /^Not applied: palette: "rainbow" is not one of safe, classic, red-up$/,
    );
    await page.fill('#settings-json', '{"palette":"red-up","theme":"light","zone":"exchange"}');
    await page.click('text=Apply this text');
    await waitForText(page, '.settings-message', /^Applied\.$/);
    await page.reload();
    expect(await page.locator('html').getAttribute('data-palette')).toBe('red-up');
    expect(await page.locator('html').getAttribute('data-theme')).toBe('light');
    const up = await page.locator('.palette-sample .up').evaluate((node) => getComputedStyle(node).color);
    expect(up).toBe('rgb(194, 65, 12)');
    await waitForText(page, '[data-item="engine-time"] .status-value', / (EST|EDT)$/);
  });
});
