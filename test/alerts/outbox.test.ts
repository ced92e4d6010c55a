import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Alert, Outbox } from '../../src/alerts/outbox.ts';
import { retryDelayS, WebhookCourier } from '../../src/alerts/webhook-courier.ts';
import type { SendResult, Webhook } from '../../src/alerts/webhook-sender.ts';
import { WebhookSender } from '../../src/alerts/webhook-sender.ts';
import { type Clock, silentLog } from '../../src/host/index.ts';

function alert(id: string, eventId = 1): Alert {
  return {
    ...{ id, eventId, rule: 'all', kind: 'signal', level: 'HIGH', symbol: 'AAPL', atUs: 5, mode: 'on' },
    ...{ message: 'AAPL 1m: BUY', body: `{"id":"${id}"}` },
  };
}

function outbox(bounds: { maxAlerts?: number; maxPending?: number } = {}, path = ':memory:'): Outbox {
  return new Outbox({ path, maxAlerts: 1_000, maxPending: 1_000, ...bounds });
}

class TestClock implements Clock {
  us = 1_000_000;
  nowUs(): number {
    return this.us;
  }
  monotonicMs(): number {
    return this.us / 1_000;
  }
  async sleep(): Promise<void> {}
}

/** Answers with one status after the other, then 204, without a network. */
class ScriptedSender extends WebhookSender {
  readonly sent: string[] = [];
  private readonly statuses: number[];

  constructor(clock: Clock, statuses: number[]) {
    super(clock, 1_000);
    this.statuses = statuses;
  }

  override async send(_webhook: Webhook, id: string): Promise<SendResult> {
    this.sent.push(id);
    const status = this.statuses.shift() ?? 204;
    return { isDelivered: status < 300, status, error: status < 300 ? undefined : `answered ${status}`, latencyMs: 1 };
  }
}

function courier(box: Outbox, statuses: number[], attempts = 3) {
  const clock = new TestClock();
  const sender = new ScriptedSender(clock, statuses);
  const webhooks = [{ name: 'desk', url: 'https://desk.example/', allowPrivate: false, keys: [] }];
  const retry = { attempts, firstS: 5, maxS: 100 };
  const works = new WebhookCourier({ outbox: box, sender, webhooks, retry, clock, random: () => 1, log: silentLog });
  const round = async (): Promise<void> => {
    works.tick();
    await new Promise((done) => setImmediate(done));
  };
  return { clock, sender, works, round };
}

describe('the outbox', () => {
  it('holds an alert once, whoever puts it in again, and goes on after it was closed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tickloom-alerts-'));
    try {
      const path = join(folder, 'alerts.db');
      const first = outbox({}, path);
      first.together(() => {
        first.add(alert('a'), ['desk'], 10);
        first.add(alert('a'), ['desk'], 11);
        first.cursor = 42;
      });
      first.fired('all', 'AAPL', 5);
      first.close();
      const second = outbox({}, path);
      expect(second.cursor).toBe(42);
      expect(second.lastFiredUs('all', 'AAPL')).toBe(5);
      expect(second.hasFired('all', 1)).toBe(true);
      expect(second.hasFired('other', 1)).toBe(false);
      expect(second.due('desk', 10, 9).map(({ delivery, body }) => [delivery.alert, body])).toEqual([
        ['a', '{"id":"a"}'],
      ]);
      second.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('keeps neither alert nor place when a transaction breaks', () => {
    const box = outbox();
    expect(() =>
      box.together(() => {
        box.add(alert('a'), ['desk'], 10);
        box.cursor = 42;
        throw new Error('broken');
      }),
    ).toThrow('broken');
    expect([box.cursor, box.pending]).toEqual([undefined, 0]);
  });

  it('starts new rules behind the log and forgets those that went', () => {
    const box = outbox();
    box.keepRules(['a', 'b'], 10);
    box.keepRules(['b', 'c'], 20);
    expect([box.ruleSince('b'), box.ruleSince('c')]).toEqual([10, 20]);
    box.keepRules(['a'], 30);
    expect(box.ruleSince('a')).toBe(30);
    box.keepRules([], 40);
    expect(box.ruleSince('a')).toBe(0);
  });

  it('makes dead letters of the oldest when too many wait, and drops the oldest alerts that are done', () => {
    const box = outbox({ maxPending: 2, maxAlerts: 3 });
    for (let i = 0; i < 5; i++) box.add(alert(`a${i}`), ['desk'], i);
    box.trim();
    expect(box.deliveries({ state: 'dead', limit: 9 }).map(({ alert: id }) => id)).toEqual(['a2', 'a1', 'a0']);
    expect([box.pending, box.overflowed, box.dropped]).toEqual([2, 3, 0]);
    for (let i = 5; i < 150; i++) box.add(alert(`a${i}`), [], i);
    box.trim();
    expect(box.dropped).toBe(147);
    // What waits is never dropped, and counts among what is kept.
    expect(box.due('desk', 1e9, 9).map(({ delivery }) => delivery.alert)).toEqual(['a3', 'a4']);
  });
});

describe('the courier', () => {
  it('tries again under the same id, with growing waits, until it is delivered', async () => {
    const box = outbox();
    box.add(alert('a'), ['desk'], 0);
    const { clock, sender, round } = courier(box, [500, 302]);
    await round();
    await round();
    expect(sender.sent).toEqual(['a']);
    clock.us += 5_000_000;
    await round();
    clock.us += 19_000_000;
    await round();
    expect(sender.sent.length).toBe(2);
    clock.us += 1_000_000;
    await round();
    expect(sender.sent).toEqual(['a', 'a', 'a']);
    const [row] = box.deliveries({ limit: 1 });
    expect(row).toMatchObject({ state: 'delivered', attempts: 3, status: 204, error: null });
    expect(box.attempts(row?.id ?? 0).map(({ status }) => status)).toEqual([500, 302, 204]);
  });

  it('makes a dead letter after the last attempt, which can be revived', async () => {
    const box = outbox();
    box.add(alert('a'), ['desk'], 0);
    const { clock, sender, works, round } = courier(box, [500, 500], 2);
    await round();
    clock.us += 1e9;
    await round();
    clock.us += 1e9;
    await round();
    expect(sender.sent.length).toBe(2);
    const [dead] = box.deliveries({ state: 'dead', limit: 1 });
    expect(dead).toMatchObject({ alert: 'a', error: 'answered 500' });
    expect(box.revive(dead?.id ?? 0, clock.us)).toBe(true);
    expect(box.revive(999, clock.us)).toBe(false);
    await round();
    expect(box.deliveries({ state: 'delivered', limit: 1 })[0]?.alert).toBe('a');
    expect([...works.results.values()].map(({ result, count }) => [result, count])).toEqual([
      ['failed', 1],
      ['dead', 1],
      ['delivered', 1],
    ]);
  });

  it('gives up what waits for a receiver that is gone', async () => {
    const box = outbox();
    for (let i = 0; i < 6; i++) box.add(alert(`a${i}`), ['desk'], i);
    const { sender, round } = courier(box, [410, 410, 410, 410]);
    await round();
    await round();
    expect(sender.sent.length).toBe(4);
    expect([box.pending, box.deliveries({ state: 'dead', limit: 9 }).length]).toEqual([0, 6]);
  });

  it('waits at least half and at most all of a plan that grows to its bound', () => {
    const plan = { attempts: 10, firstS: 5, maxS: 3_600 };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, chance) => {
        const fullS = Math.min(3_600, 5 * 4 ** (failures - 1));
        const waitS = retryDelayS(plan, failures, chance);
        expect(waitS).toBeGreaterThanOrEqual(fullS / 2);
        expect(waitS).toBeLessThanOrEqual(fullS);
      }),
    );
  });
});
