import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Prng } from '../../src/base/index.ts';
import {
  answerOf,
  DATA,
  hasData,
  LiveTickloom,
  type ReplayReport,
  replay,
  scratch,
  tickloom,
  type VerifyReport,
} from './tickloom.ts';

const IBM_DAY = join(DATA, 'ticks/IBM/2013-10-07.trades.csv.gz');
const BTC_DAY = join(DATA, 'ticks/BTCUSDT.binance');

function outputs(report: ReplayReport): unknown {
  const { events, trades, quotes, bars, revisions, rejected, gaps, digest, final_bars_digest } = report;
  return { events, trades, quotes, bars, revisions, rejected, gaps, digest, final_bars_digest };
}

describe.skipIf(!hasData)('replay of recorded files (needs TICKLOOM_TEST_DATA)', () => {
  it('gives the same outputs twice, for every batch size, stored or not', async () => {
    using folder = scratch();
    const paths = [IBM_DAY, join(DATA, 'ticks/IBM/2013-10-07.quotes.csv.gz'), BTC_DAY];
    const stored = await replay(folder.path, paths);
    expect(stored.trades).toBeGreaterThan(40_000);
    expect(stored.quotes).toBeGreaterThan(100_000);
    expect(stored.digest).toMatch(/^[0-9a-f]{32}$/);
    for (const flags of [[], ...['1', '7', '1000', '100000'].map((size) => ['--batch-size', size])]) {
      const again = await replay(folder.path, paths, '--no-store', ...flags);
      expect(outputs(again), flags.join(' ')).toEqual(outputs(stored));
    }
    const other = await replay(folder.path, paths, '--no-store', '--set', 'bars.condition_rules=all');
    expect(other.digest).not.toBe(stored.digest);
    expect(other.final_bars_digest).not.toBe(stored.final_bars_digest);
  }, 120_000);

  it('a tape shuffled within the revision window ends in the same bars', async () => {
    using folder = scratch();
    const lines = gunzipSync(readFileSync(IBM_DAY)).toString('utf8').trimEnd().split('\n');
    const sorted = withReceiveTimes(lines, () => 0);
    const random = new Prng(11);
    const shuffled = withReceiveTimes(lines, () => Math.floor(random.uniform() * 55_000));
    expect(shuffled).not.toEqual(sorted);
    const [one, two] = ['sorted', 'shuffled'].map((name) => join(folder.path, `${name}.csv`)) as [string, string];
    writeFileSync(one, `${sorted.join('\n')}\n`);
    writeFileSync(two, `${shuffled.join('\n')}\n`);
    const flags = ['--no-store', '--symbol', 'IBM', '--kind', 'trades'];
    const calm = await replay(folder.path, [one], ...flags);
    const rough = await replay(folder.path, [two], ...flags);
    console.info(`shuffled by up to 55 s: ${rough.revisions} revisions against ${calm.revisions}`);
    expect(rough.trades).toBe(calm.trades);
    expect(rough.revisions).toBeGreaterThan(1_000);
    expect(calm.revisions).toBe(0);
    expect(rough.digest).not.toBe(calm.digest);
    expect(rough.final_bars_digest).toBe(calm.final_bars_digest);
  }, 60_000);

  it('no output depends on what came after it, and a planted look-ahead is caught', async () => {
    using folder = scratch();
    const args = ['verify', BTC_DAY, '--prefix', '--json', '--data-dir', folder.path];
    const holds = await tickloom(args);
    expect(JSON.parse(holds.stdout)).toMatchObject({ prefix_ok: true, differing: 0, restores_differing: 0 });
    expect(holds.code).toBe(0);
    const leaks = await tickloom([...args, '--plant-leak']);
    const report = JSON.parse(leaks.stdout) as { readonly prefix_ok: boolean; readonly differing: number };
    expect(report.prefix_ok).toBe(false);
    expect(report.differing).toBeGreaterThan(0);
    expect(leaks.code).toBe(1);
  }, 120_000);
});

/** The rows of a file with a `recv` column, in its order. */
function withReceiveTimes(lines: readonly string[], delayMs: () => number): string[] {
  const [head, ...rows] = lines as [string, ...string[]];
  const received = rows.map((row) => {
    const ts = Number(row.slice(0, row.indexOf(',')));
    const recv = ts + delayMs();
    return { recv, row: `${row},${recv}` };
  });
  return [`${head},recv`, ...received.toSorted((a, b) => a.recv - b.recv).map(({ row }) => row)];
}

describe('replay of a recorded run', () => {
  it('a run of the demo replays to the same digest', async () => {
    using folder = scratch();
    const flags = ['--set', 'sources.demo.rate=2000', '--set', 'sources.demo.past_hours=2'];
    await using live = await LiveTickloom.start(folder.path, ...flags);
    const { components } = await live.untilHealth((health) => health.status === 'ok');
    await live.post('/api/v1/demo/break', { action: 'late_trade' });
    await live.post('/api/v1/demo/break', { action: 'duplicate_storm' });
    await live.untilHealth((health) => health.components.recorder.last_seq > components.recorder.last_seq + 20_000);
    expect(await live.stop()).toMatchObject({ code: 0 });

    const verified = await answerOf<VerifyReport>(['verify', '--run', 'latest', '--data-dir', folder.path]);
    expect(verified).toMatchObject({ digest_ok: true, duplicates: 0, holes: 0, first_seq: 1, state: 'ended' });
    const replayed = await replay(folder.path, ['run:latest']);
    expect(replayed).toMatchObject({ digest: verified.digest, events: verified.events });
    expect(replayed.rejected).toBeGreaterThanOrEqual(1_000);
    const small = await replay(folder.path, ['run:latest'], '--batch-size', '7');
    expect(small).toMatchObject({ digest: replayed.digest, final_bars_digest: replayed.final_bars_digest });
    const byTape = await replay(join(folder.path, 'copy'), [folder.path], '--no-store');
    expect(byTape).toMatchObject({ digest: replayed.digest });

    const prefix = await tickloom(['verify', '--run', 'latest', '--prefix', '--json', '--data-dir', folder.path]);
    expect(JSON.parse(prefix.stdout)).toMatchObject({ prefix_ok: true });
    expect(prefix.code).toBe(0);
  }, 120_000);

  it('a second run starts from the state of the first and replays by itself', async () => {
    using folder = scratch();
    const flags = ['--set', 'sources.demo.rate=500', '--set', 'sources.demo.past_hours=1'];
    const digests = new Set<string>();
    for (let round = 0; round < 2; round++) {
      await using live = await LiveTickloom.start(folder.path, ...flags);
      await live.untilHealth((health) => health.status === 'ok');
      await new Promise((done) => setTimeout(done, 2_000));
      expect(await live.stop()).toMatchObject({ code: 0 });
      const verified = await answerOf<VerifyReport>(['verify', '--run', 'latest', '--data-dir', folder.path]);
      expect(verified).toMatchObject({ digest_ok: true, duplicates: 0, holes: 0 });
      const replayed = await replay(folder.path, [`run:${verified.run}`]);
      expect(replayed.digest).toBe(verified.digest);
      digests.add(verified.digest);
    }
    expect(digests.size).toBe(2);
  }, 90_000);
});
