import { Worker } from 'node:worker_threads';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TICK_FLAGS, TickRing, TickRingReader, tickColumns } from '../../src/bars/index.ts';
import { joinParts, NumberReader, NumberWriter } from '../../src/base/index.ts';

/** Every column follows from the number of the tick, so that a torn one shows. */
function pushTick(ring: TickRing, symbol: number, n: number): number {
  return ring.push(
    symbol,
    n * 1000,
    n * 1000 + 7,
    n + 0.25,
    n + 1,
    n % 3 === 0 ? n : Number.NaN,
    n % 2 === 0 ? n + 5 : 0,
    6,
  );
}

describe('the tick ring', () => {
  it('keeps the last ticks, drops the oldest and counts them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 128, max: 300 }), fc.integer({ min: 0, max: 1000 }), (capacity, pushed) => {
        const ring = new TickRing(capacity);
        for (let n = 0; n < pushed; n++) expect(pushTick(ring, 3, n)).toBe(n);
        expect(ring.pushed(3)).toBe(pushed);
        expect(ring.oldest(3)).toBe(Math.max(0, pushed - capacity));
        expect(ring.evicted).toBe(Math.max(0, pushed - capacity));
      }),
    );
  });

  it('hands a reader every tick once and in order, and counts what it missed', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 12 }), (bursts) => {
        const ring = new TickRing(256);
        pushTick(ring, 0, 0);
        ring.publish();
        const reader = new TickRingReader(ring.location(0) as NonNullable<ReturnType<TickRing['location']>>);
        const into = tickColumns(256);
        let next = 1;
        let expected = 0;
        for (const burst of bursts) {
          for (let i = 0; i < burst; i++) pushTick(ring, 0, next++);
          ring.publish();
          const lostBefore = reader.lost;
          const count = reader.read(into);
          expected += reader.lost - lostBefore;
          for (let i = 0; i < count; i++) {
            const n = expected++;
            expect([into.tsEventUs[i], into.tsRecvUs[i], into.price[i], into.size[i]]).toEqual([
              n * 1000,
              n * 1000 + 7,
              n + 0.25,
              n + 1,
            ]);
            expect(into.id[i]).toBe(n % 3 === 0 ? n : Number.NaN);
            expect(into.seq[i]).toBe(n % 2 === 0 ? n + 5 : 0);
          }
          expect(expected).toBe(next);
        }
      }),
    );
  });

  it('shows a tick that was taken back by its flag, and starts readers of a restored ring where it begins', () => {
    const ring = new TickRing(128);
    for (let n = 0; n < 200; n++) pushTick(ring, 0, n);
    ring.remove(0, 190);
    const writer = new NumberWriter();
    ring.save(0, 180, writer);
    const restored = new TickRing(128);
    const bytes = joinParts(writer.parts());
    restored.load(0, new NumberReader(bytes, () => new Error('short')));
    expect([restored.pushed(0), restored.oldest(0)]).toEqual([200, 180]);
    const reader = new TickRingReader(restored.location(0) as NonNullable<ReturnType<TickRing['location']>>);
    const into = tickColumns(64);
    expect(reader.read(into)).toBe(20);
    expect(into.price[0]).toBe(180.25);
    expect((into.flags[10] as number) & TICK_FLAGS.FLAG_REMOVED).toBe(TICK_FLAGS.FLAG_REMOVED);
    expect((into.flags[11] as number) & TICK_FLAGS.FLAG_REMOVED).toBe(0);
    expect(pushTick(restored, 0, 200)).toBe(200);
  });

  it.skipIf(!process.features.typescript)(
    'is read by another thread without a torn tick (needs Node with types)',
    async () => {
      const ring = new TickRing(1024);
      pushTick(ring, 0, 0);
      ring.publish();
      const worker = new Worker(new URL('./ring-reading-worker.ts', import.meta.url), { workerData: ring.location(0) });
      const report = new Promise<{ read: number; lost: number; torn: number }>((resolve, reject) => {
        worker.on('message', resolve);
        worker.on('error', reject);
      });
      let n = 1;
      let isDone = false;
      void report.finally(() => {
        isDone = true;
      });
      while (!isDone && n < 50_000_000) {
        for (let i = 0; i < 500; i++) pushTick(ring, 0, n++);
        ring.publish();
        if (n % 50_000 < 500) await new Promise((resolve) => setImmediate(resolve));
      }
      const { read, torn } = await report;
      await worker.terminate();
      expect(torn).toBe(0);
      expect(read).toBeGreaterThan(10_000);
    },
  );

  it('takes memory only for symbols that trade', () => {
    const ring = new TickRing(10_000);
    expect(ring.stateBytes).toBe(0);
    pushTick(ring, 999, 0);
    expect(ring.stateBytes).toBeLessThan(16 * 10_000 * 49);
    expect(ring.location(0)).toBeUndefined();
  });
});
