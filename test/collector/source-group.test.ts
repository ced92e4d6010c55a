import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/host/index.ts';
import { type EventBatch, Universe } from '../../src/model/index.ts';
import { groupedRun, KillableProvider, undisturbed } from './grouped-run.ts';
import { tapeOf } from './simulated-run.ts';

const SYMBOLS = ['AAPL', 'IBM'];

function moveTo(rows: EventBatch, startUs: number): void {
  const byUs = startUs - (rows.tsEventUs[0] as number);
  for (let row = 0; row < rows.length; row++) {
    rows.tsEventUs[row] = Math.floor(((rows.tsEventUs[row] as number) + byUs) / 1_000) * 1_000;
    rows.tsRecvUs[row] = rows.tsEventUs[row] as number;
  }
}

describe('several sources of the same symbols', { timeout: 60_000 }, () => {
  it.concurrent.each(['source', 'wall'] as const)(
    'the primary killed and brought back five times: the bars of an undisturbed run, each print once (clock: %s)',
    async (clock) => {
      const universe = new Universe();
      // With the wall clock the tape is of now, and plays at its own pace.
      const speed = clock === 'wall' ? 1 : 2;
      const rows = tapeOf(SYMBOLS, 3_200 * speed, 11, universe);
      if (clock === 'wall') moveTo(rows, systemClock.nowUs() + 1_000_000);
      const wanted = undisturbed(rows, universe);
      const primary = new KillableProvider('alpaca', rows, universe, speed);
      const secondary = new KillableProvider('polygon', rows, universe, speed);
      await Promise.all([primary.start(), secondary.start()]);
      let kills = 0;
      let isBusy = false;
      let servedSince = 0;
      let doneSince = 0;
      const replace = async (newestUs: () => number): Promise<void> => {
        isBusy = true;
        kills++;
        await primary.kill();
        await new Promise((done) => setTimeout(done, 200));
        await primary.start(newestUs(), 'launch');
        isBusy = false;
        servedSince = 0;
      };
      const run = await groupedRun({
        providers: [primary, secondary],
        symbols: SYMBOLS,
        clock,
        isDone: (so) => {
          const serves = so.group.members[0]?.serves ?? 0;
          if (!isBusy && kills < 5 && serves > 0 && servedSince++ >= 16) void replace(() => so.newestUs);
          doneSince = so.accepted.length >= rows.length ? doneSince + 1 : 0;
          return doneSince > 10;
        },
      });
      await Promise.all([primary.kill(), secondary.kill()]);
      expect(kills).toBe(5);
      expect([...run.accepted].sort()).toEqual([...wanted.prints].sort());
      expect(run.finalBars()).toBe(wanted.bars);
      expect(run.rejected).toEqual([]);
      expect(run.receiveTimesFell).toBe(0);
      expect(new Set(run.sources)).toEqual(new Set(['alpaca', 'polygon']));
      const [first, second] = run.group.members;
      expect(second?.takeOvers).toBe(5);
      expect(first?.takeOvers).toBeGreaterThanOrEqual(4);
      expect([...run.gaps.values()].map(({ state }) => state)).toContain('other_source');
      expect([...run.gaps.values()].filter(({ state }) => state === 'missing')).toEqual([]);
    },
  );
});
