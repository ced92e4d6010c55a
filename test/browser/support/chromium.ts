import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** The browser that the suites run in: `TICKLOOM_CHROMIUM`, or Debian's. */
export const CHROMIUM_PATH = process.env.TICKLOOM_CHROMIUM ?? '/usr/bin/chromium';

/** False where there is no Chromium: the browser suites are then skipped, and shown as such. */
export const hasChromium = existsSync(CHROMIUM_PATH);

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A page with everything that its console said, and what it failed to load. */
export interface WatchedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors and warnings of the console, uncaught errors; stays empty on a page that is well. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/** Opens a page in a browser of its own, with an empty profile. */
export async function openPage(options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const profile = await mkdtemp(join(tmpdir(), 'tickloom-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM_PATH,
    headless: true,
    args: FLAGS,
    viewport: { width: 1440, height: 900 },
    timezoneId: 'Europe/Berlin',
    locale: 'en-GB',
    colorScheme: 'dark',
    ...options,
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  return {
    page,
    context,
    complaints,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
