import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BusEvent, chainHash, type EventDraft, EventStore, LocalBus, verifyChain } from '../../src/bus/index.ts';
import { systemClock } from '../../src/host/index.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickloom-bus-'));
  path = join(folder, 'events.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function draft(statement: number, identity = `said ${statement}`, replaces?: number): EventDraft {
  return {
    channel: 'signals',
    type: 'signal',
    symbol: 'AAPL',
    timeframe: '1m',
    atUs: statement,
    statement,
    replaces,
    pattern: undefined,
    status: 'BUY',
    level: undefined,
    identity,
    isChained: true,
    build: (id, replacesId) => ({ type: 'signal', id, replaces: replacesId ?? null, identity }),
  };
}

function open(options: { origin?: string; maxEvents?: number } = {}): { bus: LocalBus; heard: BusEvent[] } {
  const store = new EventStore({ path, maxEvents: options.maxEvents ?? 100_000 });
  const onFailure = (error: unknown): never => {
    throw error;
  };
  const bus = new LocalBus({ store, clock: systemClock, origin: options.origin ?? 'a', onFailure });
  const heard: BusEvent[] = [];
  bus.listen((event) => heard.push(event));
  return { bus, heard };
}

describe('what was said is not said again', () => {
  test('after a crash the engine repeats itself: only what is new gets out', () => {
    const first = open();
    first.bus.goLive();
    for (let i = 1; i <= 10; i++) first.bus.publish(draft(i));
    first.bus.commit(); // and the process is killed
    const second = open();
    for (let i = 6; i <= 12; i++) second.bus.publish(draft(i));
    expect(second.heard.map(({ atUs }) => atUs)).toEqual([11, 12]);
    expect(second.bus.suppressed).toBe(5);
    expect(second.heard[0]?.id).toBeGreaterThan(first.heard.at(-1)?.id as number);
    second.bus.close();
    first.bus.store.close();
  });

  test('what a tape without its end numbers anew is still the same', () => {
    const first = open();
    first.bus.goLive();
    for (let i = 1; i <= 10; i++) first.bus.publish(draft(i));
    first.bus.close();
    const second = open();
    second.bus.publish(draft(9, 'said 10'));
    second.bus.publish(draft(10, 'amended', 9));
    expect(second.heard.length).toBe(1);
    expect(JSON.parse(second.heard[0]?.text as string)).toMatchObject({ replaces: first.heard[9]?.id });
    second.bus.close();
  });

  test('a statement that came out differently the second time is published', () => {
    const first = open();
    first.bus.goLive();
    first.bus.publish(draft(1));
    first.bus.close();
    const second = open();
    second.bus.publish(draft(1, 'said otherwise'));
    expect(second.heard.length).toBe(1);
    second.bus.close();
  });

  test('a past that other settings make of the tape was said by nobody', () => {
    const first = open();
    first.bus.goLive();
    first.bus.publish(draft(1));
    first.bus.close();
    const second = open({ origin: 'b' });
    second.bus.publish(draft(1, 'other'));
    second.bus.publish(draft(2));
    expect(second.heard).toEqual([]);
    second.bus.goLive();
    second.bus.publish(draft(3));
    expect(second.heard.map(({ atUs }) => atUs)).toEqual([3]);
    second.bus.close();
  });

  test('what replaces a statement names the event of it, also from before a restart', () => {
    const first = open();
    first.bus.goLive();
    const id = first.bus.publish(draft(1));
    first.bus.close();
    const second = open();
    second.bus.publish(draft(2, 'amended', 1));
    expect(JSON.parse(second.heard[0]?.text as string)).toMatchObject({ replaces: id });
    second.bus.close();
  });
});

describe('the log', () => {
  test('is bounded: the oldest go, and it says from where on it is whole', () => {
    const { bus, heard } = open({ maxEvents: 100 });
    bus.goLive();
    expect(bus.store.completeFromId).toBeLessThanOrEqual(bus.ids.last + 1);
    for (let i = 1; i <= 950; i++) {
      bus.publish(draft(i));
      bus.commit();
    }
    expect(bus.store.size).toBeLessThanOrEqual(200);
    expect(bus.store.dropped).toBe(950 - bus.store.size);
    const from = bus.store.completeFromId;
    const kept = bus.store.readAfter(from - 1, ['signals'], 10_000).map(({ id }) => id);
    expect(kept).toEqual(heard.map(({ id }) => id).filter((id) => id >= from));
    expect([...bus.store.links()].length).toBe(950);
    bus.close();
  });

  test('a disk that fails loses nothing: it is offered again', () => {
    const store = new EventStore({ path, maxEvents: 1_000 });
    const failures: unknown[] = [];
    const bus = new LocalBus({ store, clock: systemClock, origin: 'a', onFailure: (error) => failures.push(error) });
    bus.goLive();
    const lock = new DatabaseSync(path, { timeout: 0 });
    lock.exec('BEGIN IMMEDIATE');
    bus.publish(draft(1));
    bus.commit();
    expect(failures.length).toBe(1);
    lock.exec('ROLLBACK');
    lock.close();
    bus.commit();
    expect(bus.hasPending).toBe(false);
    expect(bus.store.size).toBe(1);
    bus.close();
  }, 20_000);

  test('a file that is none is refused by its name', async () => {
    const { writeFileSync } = await import('node:fs');
    writeFileSync(path, 'this is no database, it only looks for trouble'.repeat(100));
    expect(() => new EventStore({ path, maxEvents: 10 })).toThrow(/events\.db: the event log can not be used/);
  });
});

describe('the chain of signals', () => {
  function made(count: number): void {
    const { bus } = open();
    bus.goLive();
    for (let i = 1; i <= count; i++) bus.publish(draft(i));
    bus.close();
  }
  const verdict = () => {
    const store = new EventStore({ path, maxEvents: 10 });
    const found = verifyChain(store.links());
    store.close();
    return found;
  };
  const edit = (sql: string): void => {
    const database = new DatabaseSync(path);
    database.exec(sql);
    database.close();
  };

  test('holds over restarts', () => {
    made(5);
    const { bus } = open();
    bus.goLive();
    bus.publish(draft(6));
    bus.close();
    expect(verdict()).toMatchObject({ links: 6, brokenAt: undefined });
  });

  test.each([
    ['an edited record', "UPDATE signal_chain SET record = replace(record, 'said 3', 'said 4') WHERE seq = 3", 3],
    ['a record with its hash computed anew', '', 4],
    ['a link taken out', 'DELETE FROM signal_chain WHERE seq = 4', 4],
    ['a link taken from the start', 'DELETE FROM signal_chain WHERE seq = 1', 1],
  ])('%s is found', (_what, sql, brokenAt) => {
    made(9);
    if (sql !== '') edit(sql);
    else {
      const database = new DatabaseSync(path);
      const before = database.prepare('SELECT hash FROM signal_chain WHERE seq = 2').get()?.['hash'];
      const record = '{"forged":true}';
      database
        .prepare('UPDATE signal_chain SET record = ?, hash = ? WHERE seq = 3')
        .run(record, chainHash(String(before), record));
      database.close();
    }
    expect(verdict().brokenAt).toBe(brokenAt);
  });
});
