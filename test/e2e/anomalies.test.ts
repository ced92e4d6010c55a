import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { AlertEvent } from '../../src/api/index.ts';
import { answerOf, LiveTickloom, scratch, startTickloom, type VerifyReport } from './tickloom.ts';

const START_MS = 1_700_000_000_000;
const SPIKE_ROW = 300;
/** Rows after the spike that stay away, so that a storm would be many alerts. */
const STORM = 5;

/** Five trades a second for two minutes; a storm of wild prints in the middle, and half a minute of silence near the end. */
function writeTape(path: string): void {
  const rows = Array.from({ length: 600 }, (_, i) => {
    const silenceMs = i < 500 ? 0 : 30_000;
    const price = i >= SPIKE_ROW && i < SPIKE_ROW + STORM ? 130 + i / 100 : 100 + 0.01 * (i % 5);
    return `${START_MS + 200 * i + silenceMs},${price},0.25`;
  });
  writeFileSync(path, `ts,price,size\n${rows.join('\n')}\n`);
}

/** The first events of a channel after an id. */
function heard(url: string, since: number, count: number): Promise<AlertEvent[]> {
  return new Promise((resolve, reject) => {
    const events: AlertEvent[] = [];
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
    socket.on('error', reject);
    socket.on('open', () => socket.send(JSON.stringify({ action: 'subscribe', channels: ['alerts'], since })));
    socket.on('message', (data) => {
      const event = JSON.parse(String(data)) as AlertEvent;
      if (event.type !== 'alert') return;
      events.push(event);
      if (events.length < count) return;
      socket.close();
      resolve(events);
    });
  });
}

describe('anomalies of a live run', () => {
  test('a planted spike and a silence are one alert each, on the API and the WebSocket, and a replay says them too', async () => {
    using folder = scratch();
    const tape = join(folder.path, 'BTCUSDT.trades.csv');
    writeTape(tape);
    const dataDir = join(folder.path, 'data');
    const simulator = startTickloom(['simulate', 'binance', '--from', tape, '--speed', 'max']);
    try {
      const [, port] = await simulator.waitFor(/http:\/\/127\.0\.0\.1:(\d+)/);
      await using live = await LiveTickloom.start(
        dataDir,
        ...['--source', 'binance', '--symbols', 'BTCUSDT'],
        ...['--set', `sources.binance.stream_url=ws://127.0.0.1:${port}`],
        ...['--set', `sources.binance.rest_url=http://127.0.0.1:${port}`],
        ...['--set', 'clock=source'],
      );
      const anomalies = async (): Promise<AlertEvent[]> => {
        const { alerts } = await live.get<{ alerts: AlertEvent[] }>('/api/v1/alerts?symbol=BTCUSDT&limit=100');
        return alerts.filter(({ kind }) => kind === 'anomaly').reverse();
      };
      await expect.poll(async () => (await anomalies()).length, { timeout: 40_000 }).toBe(3);
      const [spike, stale, over] = await anomalies();
      expect(spike).toMatchObject({
        level: 'MEDIUM',
        timestamp: '2023-11-14T22:14:20Z',
        message: expect.stringMatching(/^The price of BTCUSDT went from 100\.0\d* to 133: 3\d\.\d+ %/),
      });
      expect(stale).toMatchObject({ level: 'MEDIUM', message: expect.stringContaining('BTCUSDT is stale') });
      expect(over).toMatchObject({ level: 'LOW', message: 'BTCUSDT is heard of again after 30.2 s.' });
      expect(await heard(live.url, (spike?.id ?? 0) - 1, 3)).toEqual([spike, stale, over]);
      expect((await live.stop()).code).toBe(0);
    } finally {
      simulator.process.kill('SIGTERM');
      await simulator.ended;
    }
    const report = await answerOf<VerifyReport>(['verify', '--run', 'latest', '--data-dir', dataDir]);
    expect(report).toMatchObject({ digest_ok: true, duplicates: 0, holes: 0 });
  }, 90_000);
});
