import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { answerOf, scratch, startTickloom } from './tickloom.ts';

const FLAGS = [
  ...['--symbols', 'AAPL,BTCUSD,EURUSD'],
  ...['--set', 'sources.demo.rate=500'],
  ...['--set', 'sources.demo.past_hours=0'],
  ...['--set', 'patterns.timeframes=1s'],
];
const CHANNELS = ['pattern_matches', 'regime_changes', 'signals', 'outcomes', 'alerts'];

interface Seen {
  readonly id: number;
  readonly type: string;
}

/** Runs the program, listens to it from `since` on, and kills it while it talks. */
async function listenAndKill(dataDir: string, since: number | undefined, events: number): Promise<Seen[]> {
  const program = startTickloom(['start', '--port', '0', '--data-dir', dataDir, ...FLAGS]);
  const [, address] = await program.waitFor(/(http:\/\/[^\s:]+:\d+)/);
  const socket = new WebSocket(`${String(address).replace('http', 'ws')}/ws`);
  const seen: Seen[] = [];
  const resyncs: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => {
      socket.send(
        JSON.stringify({ action: 'subscribe', channels: CHANNELS, ...(since === undefined ? {} : { since }) }),
      );
    });
    socket.on('message', (data) => {
      const event = JSON.parse(String(data)) as Partial<Seen>;
      if (event.type === 'resync') resyncs.push(event);
      if (event.id === undefined) return;
      seen.push(event as Seen);
      if (seen.length === events) resolve();
    });
  });
  program.process.kill('SIGKILL');
  socket.on('error', () => undefined);
  socket.terminate();
  await program.ended;
  expect(resyncs).toEqual([]);
  return seen;
}

describe('statements of a program that is killed', () => {
  it('are seen once each, in one sequence over all kills, and the signal log holds', async () => {
    using folder = scratch();
    const dataDir = join(folder.path, 'data');
    const seen: Seen[] = [];
    for (let kill = 0; kill < 3; kill++) seen.push(...(await listenAndKill(dataDir, seen.at(-1)?.id, 60)));
    const database = new DatabaseSync(join(dataDir, 'events.db'), { readOnly: true });
    const ids = database.prepare('SELECT id FROM events WHERE id >= ? AND id <= ? ORDER BY id');
    const stored = ids.all(seen[0]?.id ?? 0, seen.at(-1)?.id ?? 0).map((row) => Number(row['id']));
    expect(seen.map(({ id }) => id)).toEqual(stored);
    const twice = database
      .prepare(
        'SELECT type, identity FROM events WHERE statement IS NOT NULL GROUP BY type, identity HAVING COUNT(*) > 1',
      )
      .all();
    expect(twice).toEqual([]);
    database.close();
    const verdict = await answerOf<{ signals_ok: boolean }>(['verify', '--signals', '--json', '--data-dir', dataDir]);
    expect(verdict.signals_ok).toBe(true);
  }, 120_000);
});
