import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { API_LIMITS, type ApiServer } from '../../src/api/index.ts';
import { Metrics, PlainHistogram } from '../../src/host/index.ts';
import { Market, serve } from './market.ts';

const page = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

describe('the documents', () => {
  test('the table of limits is the one in the code', () => {
    const rows = [...page('api.md').matchAll(/^\| `(\w+)` \| (\d+) \|/gm)].map((match) => [match[1], Number(match[2])]);
    expect(Object.fromEntries(rows)).toEqual(API_LIMITS);
  });

  test('every metric of ours is documented, and every documented one is there', async () => {
    const metrics = new Metrics();
    const server: ApiServer = serve(new Market(), { metrics, stages: new PlainHistogram() });
    const text = await metrics.text();
    await server.close();
    // The deliveries of alerts are the application's; the API is served without them too.
    const alerts = readFileSync(new URL('../../src/app/live/live-alerts.ts', import.meta.url), 'utf8');
    const served = new Set(
      [...text.matchAll(/^# TYPE (tickloom_\w+)/gm), ...alerts.matchAll(/metrics\.\w+\('(tickloom_\w+)'/g)].map(
        (match) => match[1],
      ),
    );
    const documented = new Set([...page('metrics.md').matchAll(/`(tickloom_\w+)`/g)].map((match) => match[1]));
    expect([...served].filter((name) => !documented.has(name))).toEqual([]);
    expect([...documented].filter((name) => !served.has(name))).toEqual([]);
  });

  test('every path of the API is documented', async () => {
    const server = serve(new Market());
    const { url } = await server.listen();
    const document = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: Record<string, unknown> };
    await server.close();
    const text = page('api.md');
    for (const path of Object.keys(document.paths)) {
      const family = /^\/api\/v1\/data\/(\w+)\/\{symbol\}$/.exec(path)?.[1];
      expect(text).toContain(family === undefined ? path : `${family}`);
    }
  });
});
