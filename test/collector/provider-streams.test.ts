import { describe, expect, it } from 'vitest';
import { simulatedRun } from './simulated-run.ts';

/** Providers that give their trades ids, and have them in history under the same. */
const WITH_IDS = [
  { provider: 'alpaca', symbols: ['AAPL', 'IBM'] },
  { provider: 'polygon', symbols: ['AAPL', 'IBM'] },
] as const;

describe.each(WITH_IDS)('the $provider stream over real sockets', { timeout: 60_000 }, (market) => {
  it('brings every trade once', async () => {
    const run = await simulatedRun({ ...market, trades: 500 });
    expect(run.accepted).toEqual(run.sent);
    expect(run.gaps).toEqual([]);
    expect(run.quarantined.size).toBe(0);
    expect(run.statuses).toEqual(['connected']);
  });

  it('with cuts, silence, damage, doubles, disorder and failing history: every trade once', async () => {
    const faults = ['disconnect=500e:x2', 'mute=900e', 'duplicate', 'reorder', 'late', 'corrupt', '5xx=30%'];
    const run = await simulatedRun({ ...market, faults, seed: 7, longestMs: 45_000 });
    expect(run.accepted).toEqual(run.sent);
    expect(run.statuses.filter((state) => state === 'disconnected').length).toBeGreaterThan(0);
    expect(run.gaps.length).toBeGreaterThan(0);
    for (const gap of run.gaps) expect(gap).toMatchObject({ state: 'backfilled' });
  });
});

describe('streams without ids over real sockets', { timeout: 30_000 }, () => {
  it('finnhub: every trade once, and what a cut lost is known to be missing', async () => {
    const run = await simulatedRun({ provider: 'finnhub', symbols: ['AAPL', 'IBM'], trades: 500 });
    const withoutId = (row: string) => row.split(' ').slice(0, 4).join(' ');
    expect(run.accepted.map(withoutId)).toEqual(run.sent.map(withoutId).sort());
    const cut = await simulatedRun({
      provider: 'finnhub',
      symbols: ['AAPL'],
      faults: ['disconnect=300e:x1'],
      trades: 600,
      longestMs: 4_000,
    });
    expect(cut.gaps.map(({ state }) => state)).toContain('missing');
    expect(cut.gaps.map(({ state }) => state)).not.toContain('backfilled');
  });

  it('twelvedata: every price once, in its second', async () => {
    const run = await simulatedRun({ provider: 'twelvedata', symbols: ['AAPL', 'IBM'], trades: 500 });
    const inSeconds = (row: string) => {
      const [symbol, us, price] = row.split(' ');
      return `${symbol} ${Math.floor(Number(us) / 1e6)} ${price}`;
    };
    expect(run.accepted.map(inSeconds).sort()).toEqual(run.sent.map(inSeconds).sort());
  });
});
