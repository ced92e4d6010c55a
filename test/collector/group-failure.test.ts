import { expect, test } from 'vitest';
import { Universe } from '../../src/model/index.ts';
import { groupedRun, KillableProvider, undisturbed } from './grouped-run.ts';
import { tapeOf } from './simulated-run.ts';

test('where both are gone for a while the hole is filled from history, and the ledger says by whom', async () => {
  const universe = new Universe();
  const rows = tapeOf(['AAPL'], 2_000, 21, universe);
  const wanted = undisturbed(rows, universe);
  const primary = new KillableProvider('alpaca', rows, universe, 2);
  const secondary = new KillableProvider('polygon', rows, universe, 2);
  await Promise.all([primary.start(), secondary.start()]);
  let isBroken = false;
  let doneSince = 0;
  const run = await groupedRun({
    providers: [primary, secondary],
    symbols: ['AAPL'],
    clock: 'source',
    isDone: (so) => {
      if (!isBroken && so.accepted.length > 400) {
        isBroken = true;
        void (async () => {
          await Promise.all([primary.kill(), secondary.kill()]);
          // The secondary alone comes back; what it plays before it is connected to is history by then.
          await secondary.start((so.newestUs as number) - 1, 'launch', 'all');
        })();
      }
      doneSince = so.accepted.length >= rows.length ? doneSince + 1 : 0;
      return doneSince > 30;
    },
  });
  await Promise.all([primary.kill(), secondary.kill()]);
  expect([...run.accepted].sort()).toEqual([...wanted.prints].sort());
  expect(run.finalBars()).toBe(wanted.bars);
  expect(run.group.members.map(({ serves }) => serves)).toEqual([0, 1]);
  const states = [...run.gaps.values()].map(({ state }) => state);
  expect(states).toContain('other_source');
  expect(states).not.toContain('missing');
}, 60_000);
