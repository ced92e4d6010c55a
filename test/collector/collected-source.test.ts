import { describe, expect, it } from 'vitest';
import { simulatedRun } from './simulated-run.ts';

const BINANCE = { provider: 'binance', symbols: ['BTCUSDT', 'ETHUSDT'] } as const;

describe('a stream over real sockets', { timeout: 60_000 }, () => {
  it('brings every trade once', async () => {
    const run = await simulatedRun(BINANCE);
    expect(run.accepted).toEqual(run.sent);
    expect(run.gaps).toEqual([]);
    expect(run.quarantined.size).toBe(0);
    expect(run.statuses).toEqual(['connected']);
  });

  it('that is cut again and again comes back, and what was missed is filled in, with ledger entries that say so', async () => {
    const run = await simulatedRun({ ...BINANCE, faults: ['disconnect=300e:x3'], seed: 2 });
    expect(run.accepted).toEqual(run.sent);
    expect(run.statuses.filter((state) => state === 'disconnected').length).toBeGreaterThanOrEqual(2);
    expect(run.gaps.length).toBeGreaterThan(0);
    for (const gap of run.gaps) expect(gap).toMatchObject({ state: 'backfilled' });
    expect(run.gaps.every((gap) => Number.isFinite(gap.toUs) && gap.toUs >= gap.fromUs)).toBe(true);
  });

  it('that is open but silent is left, and the silence is filled in', async () => {
    const run = await simulatedRun({ ...BINANCE, faults: ['mute=400e'], seed: 3 });
    expect(run.accepted).toEqual(run.sent);
    expect(run.statuses).toContain('disconnected');
    for (const gap of run.gaps) expect(gap).toMatchObject({ state: 'backfilled' });
  });

  it('with damaged and unknown frames: what was in them is fetched, they themselves are in quarantine', async () => {
    const run = await simulatedRun({ ...BINANCE, faults: ['corrupt=3%', 'unknown-shape=2%'], seed: 4 });
    expect(run.accepted).toEqual(run.sent);
    expect(run.quarantined.get('bad-frame')).toBeGreaterThan(0);
    expect(run.quarantined.get('unknown-shape')).toBeGreaterThan(0);
    for (const gap of run.gaps) expect(gap).toMatchObject({ state: 'backfilled' });
  });

  it('with doubles, disorder and stragglers: every trade once', async () => {
    const run = await simulatedRun({ ...BINANCE, faults: ['duplicate', 'reorder', 'late=2%:1s', 'drop=2%'], seed: 5 });
    expect(run.accepted).toEqual(run.sent);
    expect([...run.quarantined.keys()]).toEqual(['duplicate']);
  });

  it('with everything at once, history failing in between', async () => {
    const faults = ['disconnect=500e:x2', 'mute=900e', 'duplicate', 'reorder', 'late', 'corrupt', '5xx=30%', '429=10%'];
    const run = await simulatedRun({ ...BINANCE, faults, seed: 6, longestMs: 45_000 });
    expect(run.accepted).toEqual(run.sent);
    for (const gap of run.gaps) expect(gap).toMatchObject({ state: 'backfilled' });
  });
});
