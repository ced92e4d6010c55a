import { rm } from 'node:fs/promises';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { buildDashboard } from './built-dashboard.ts';
import { CHROMIUM_PATH, hasChromium, openPage, type WatchedPage } from './chromium.ts';
import { FixtureServer } from './fixture-server.ts';
import type { FixtureSymbol } from './market-fixture.ts';

/** Symbols for most tests: two that tick, one late, one stale, one whose market is closed, one with a tiny price. */
export const MIXED_SYMBOLS: readonly FixtureSymbol[] = [
  { symbol: 'AAPL', assetClass: 'equity', zone: 'America/New_York', price: 231.4 },
  { symbol: 'MSFT', assetClass: 'equity', zone: 'America/New_York', price: 512.1, silentForMs: 38_000 },
  { symbol: 'XOM', assetClass: 'equity', zone: 'America/New_York', price: 106, silentForMs: 60_000, isClosed: true },
  { symbol: 'EURUSD', assetClass: 'forex', zone: 'America/New_York', price: 1.0862, silentForMs: 5_500 },
  { symbol: 'BTCUSD', assetClass: 'crypto', zone: 'UTC', price: 104_233.5 },
  { symbol: 'SHIBUSD', assetClass: 'crypto', zone: 'UTC', price: 0.00000123 },
];

/** What one test works with; everything it opened is closed after it. */
export interface BrowserSuite {
  /** A server of its own, with these symbols. */
  serve(symbols?: readonly FixtureSymbol[]): Promise<FixtureServer>;
  open(options?: BrowserContextOptions): Promise<WatchedPage>;
}

/** A suite in the real browser; skipped, and reported as skipped, where there is none. */
export function browserSuite(name: string, define: (suite: BrowserSuite) => void): void {
  const title = hasChromium ? name : `${name} (no Chromium at ${CHROMIUM_PATH})`;
  describe.skipIf(!hasChromium)(title, () => {
    let root = '';
    const servers: FixtureServer[] = [];
    const pages: WatchedPage[] = [];
    beforeAll(async () => {
      root = await buildDashboard();
    });
    afterEach(async () => {
      await Promise.all(pages.splice(0).map((page) => page.close()));
      await Promise.all(servers.splice(0).map((server) => server.stop()));
    });
    afterAll(async () => {
      await rm(root, { recursive: true, force: true });
    });
    define({
      serve: async (symbols = MIXED_SYMBOLS) => {
        const server = new FixtureServer(root, symbols);
        servers.push(server);
        await server.start();
        return server;
      },
      open: async (options) => {
        const page = await openPage(options);
        pages.push(page);
        return page;
      },
    });
  });
}

/** Waits until an expression about the page's text holds; fails with the last text seen. */
export async function waitForText(page: Page, selector: string, expected: RegExp, timeoutMs = 8_000): Promise<string> {
  const locator = page.locator(selector).first();
  const endMs = Date.now() + timeoutMs;
  let text = '';
  while (Date.now() < endMs) {
    text = (await locator.count()) === 0 ? '' : ((await locator.textContent({ timeout: 1_000 }).catch(() => '')) ?? '');
    if (expected.test(text)) return text;
    await page.waitForTimeout(50);
  }
  throw new Error(`${selector}: expected ${expected}, last saw "${text}"`);
}
