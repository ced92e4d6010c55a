import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { browserSuite, waitForText } from './support/suite.ts';

const SCREENS = [
  ['overview', '#/overview'],
  ['symbol', '#/s/AAPL?tf=1m'],
  ['signals', '#/signals'],
  ['alerts', '#/alerts'],
  ['sources', '#/sources'],
  ['data', '#/data'],
  ['system', '#/system'],
  ['settings', '#/settings'],
  ['about', '#/about'],
] as const;

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly string[];
}

/** Serious and critical findings of axe on the page as it is. */
async function findings(page: Page): Promise<readonly Finding[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const runner = (
      window as unknown as {
        axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
      }
    ).axe;
    const { violations } = await runner.run();
    return violations
      .filter((one) => one.impact === 'serious' || one.impact === 'critical')
      .map((one) => ({ id: one.id, impact: one.impact, nodes: one.nodes.map((node) => node.html.slice(0, 160)) }));
  });
}

browserSuite('accessibility', (suite) => {
  for (const colorScheme of ['dark', 'light'] as const) {
    it(`has no serious axe finding on any screen, ${colorScheme}`, async () => {
      const server = await suite.serve();
      server.statements.fill(Date.now());
      const { page } = await suite.open({ colorScheme });
      for (const [name, address] of SCREENS) {
        await page.goto(`${server.url}/${address}`);
        await waitForText(page, '.connection', /^connected$/);
        await page.waitForTimeout(500);
        expect(await findings(page), name).toEqual([]);
      }
    });
  }

  it('does not scroll sideways at 320 px, and its targets are large enough to touch', async () => {
    const server = await suite.serve();
    server.statements.fill(Date.now());
    const { page, complaints } = await suite.open({
      viewport: { width: 320, height: 568 },
      isMobile: true,
      hasTouch: true,
    });
    for (const [name, address] of SCREENS) {
      await page.goto(`${server.url}/${address}`);
      await waitForText(page, '.connection', /^connected$/);
      await page.waitForTimeout(400);
      const overflow = await page.evaluate(() => {
        const main = document.querySelector('main') as HTMLElement;
        const root = document.documentElement;
        return [root.scrollWidth - root.clientWidth, main.scrollWidth - main.clientWidth];
      });
      expect(overflow, name).toEqual([0, 0]);
      const small = await page
        .locator('.rail a:visible, .rail button:visible, .search-button')
        .evaluateAll((targets) =>
          targets
            .filter((target) => target.getBoundingClientRect().width < 44 || target.getBoundingClientRect().height < 36)
            .map((target) => target.textContent),
        );
      expect(small, name).toEqual([]);
    }
    await page.click('.rail-more');
    await page.click('.rail a:has-text("System")');
    await waitForText(page, 'h1', /^System$/);
    expect(complaints).toEqual([]);
  });

  it('has one status region with at most one message in five seconds, and none with prices', async () => {
    const server = await suite.serve();
    const { page } = await suite.open();
    await page.goto(`${server.url}/#/s/AAPL?tf=1m`);
    await waitForText(page, '.chart-legend', /quality/);
    expect(await page.locator('[role="status"], [aria-live]').count()).toBe(1);
    await page.evaluate(() => {
      const heard: string[] = [];
      (window as unknown as { heard: string[] }).heard = heard;
      const region = document.querySelector('[role="status"]') as HTMLElement;
      new MutationObserver(() => heard.push(region.textContent ?? '')).observe(region, {
        childList: true,
        subtree: true,
        characterData: true,
      });
    });
    for (let round = 0; round < 12; round += 1) {
      server.send(server.market.revise('AAPL', 2, Date.now()));
      await page.waitForTimeout(300);
    }
    const heard = await page.evaluate(() => (window as unknown as { heard: string[] }).heard);
    expect(heard.length).toBeLessThanOrEqual(2);
    expect(heard.join()).not.toMatch(/\d+\.\d\d/);
  });

  it('shows a focus ring on every stop of the keyboard', async () => {
    const server = await suite.serve();
    const { page } = await suite.open();
    await page.goto(server.url);
    await page.waitForSelector('.overview-table tbody tr');
    const missing: string[] = [];
    for (let press = 0; press < 24; press += 1) {
      await page.keyboard.press('Tab');
      const stop = await page.evaluate(() => {
        const node = document.activeElement as HTMLElement;
        const style = getComputedStyle(node);
        return { name: node.outerHTML.slice(0, 80), ring: `${style.outlineStyle} ${style.outlineWidth}` };
      });
      // After the last stop the browser's own bar has its turn, and the body is active.
      if (!stop.name.startsWith('<body') && stop.ring !== 'solid 2px') missing.push(`${stop.name}: ${stop.ring}`);
    }
    expect(missing).toEqual([]);
  });
});
