import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Webhook as Reference } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { LiveTickloom, scratch, startTickloom } from './tickloom.ts';

const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
const KEYS = { TICKLOOM_WEBHOOK_SECRET_DESK: SECRET };

function configuration(url: string, webhook = 'allow_private: true'): string {
  return `symbols: [AAPL, BTCUSD, EURUSD]
sources: {demo: {rate: 300, past_hours: 0}}
patterns: {timeframes: [1s]}
alerts:
  rules:
    - {name: moves, kinds: [signal, regime], symbols: [AAPL], level: LOW, webhooks: [desk]}
    - {name: quiet-one, kinds: [signal], mode: silent, level: LOW, webhooks: [desk]}
  webhooks:
    - {name: desk, url: "${url}", ${webhook}}
  retry: {first_s: 0.2, max_s: 1, attempts: 50, timeout_s: 0.5}
`;
}

type Manner = 'fails' | 'hangs' | 'works';

/** A receiver that notes each message, and how it answered. */
class Receiver implements AsyncDisposable {
  manner: Manner = 'works';
  readonly seen: { readonly id: string; readonly manner: Manner; readonly timestamp: string }[] = [];
  readonly forged: string[] = [];
  private readonly server = createServer((request, response) => this.take(request, response));

  async listen(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  idsOf(manner: Manner): ReadonlySet<string> {
    return new Set(this.seen.filter((message) => message.manner === manner).map(({ id }) => id));
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    let body = '';
    request.on('data', (part) => {
      body += String(part);
    });
    request.on('end', () => {
      const { manner } = this;
      const headers = request.headers as Record<string, string>;
      const id = headers['webhook-id'] ?? '';
      try {
        const { data } = new Reference(SECRET).verify(body, headers) as { data: { id: string } };
        if (data.id !== id) this.forged.push(id);
      } catch {
        this.forged.push(id);
      }
      this.seen.push({ id, manner, timestamp: headers['webhook-timestamp'] ?? '' });
      if (manner === 'fails') response.writeHead(503).end('not now');
      if (manner === 'works') response.writeHead(204).end();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((done) => setTimeout(done, 50));
}

/** Ids that the events in the log must have had as alerts of the rule `moves`, from the first alert of it on. */
function owed(dataDir: string): readonly string[] {
  const alerts = new DatabaseSync(join(dataDir, 'alerts.db'), { readOnly: true });
  const since = Number(alerts.prepare("SELECT since FROM rules WHERE name = 'moves'").get()?.['since']);
  alerts.close();
  const events = new DatabaseSync(join(dataDir, 'events.db'), { readOnly: true });
  const sql = "SELECT id FROM events WHERE id > ? AND symbol = 'AAPL' AND channel IN ('signals', 'regime_changes')";
  const ids = events.prepare(sql).all(since);
  events.close();
  return ids.map((row) => `alert_${Number(row['id'])}_moves`);
}

describe('alerts at a webhook', () => {
  it('that fails, hangs and comes back all arrive under one id each, none lost over kill -9', async () => {
    using folder = scratch();
    await using receiver = new Receiver();
    const dataDir = join(folder.path, 'data');
    const file = join(folder.path, 'tickloom.yaml');
    writeFileSync(file, configuration(await receiver.listen()));
    const start = () => LiveTickloom.startWith(KEYS, dataDir, '--config', file);
    for (const manner of ['fails', 'hangs', 'works'] as const) {
      receiver.manner = manner;
      const before = receiver.seen.length;
      await using program = await start();
      await until(() => receiver.seen.length >= before + 6);
      await program.stop('SIGKILL');
    }
    const atKill = owed(dataDir);
    expect(atKill.length).toBeGreaterThan(6);
    await using program = await start();
    await until(() => {
      const arrived = receiver.idsOf('works');
      return atKill.every((id) => arrived.has(id));
    });
    const retried = [...receiver.idsOf('fails')].filter((id) => receiver.idsOf('works').has(id));
    expect(retried.length).toBeGreaterThan(0);
    expect(receiver.forged).toEqual([]);
    expect([...receiver.idsOf('works')].filter((id) => !id.endsWith('_moves'))).toEqual([]);
    await until(async () => {
      const { deliveries } = await program.get<{ deliveries: { webhook_id: string; state: string }[] }>(
        '/api/v1/alerts/deliveries?state=delivered&limit=1000',
      );
      const done = new Set(deliveries.map(({ webhook_id }) => webhook_id));
      return atKill.every((id) => done.has(id));
    });
    const test = await program.post('/api/v1/alerts/webhooks/desk/test', {});
    expect(test).toMatchObject({ is_delivered: true, status: 204, error: null });
    const { rules } = await program.get<{ rules: { name: string; fired: number }[] }>('/api/v1/alerts/rules');
    expect(rules.find(({ name }) => name === 'quiet-one')?.fired).toBeGreaterThan(0);
    await program.stop('SIGINT');
    const ids = new Set(receiver.seen.map(({ id }) => id).filter((id) => !id.startsWith('test_')));
    expect(ids.size).toBeGreaterThanOrEqual(atKill.length);
  }, 120_000);

  it('are refused at the start where the address is private or the secret is missing', async () => {
    using folder = scratch();
    const file = join(folder.path, 'tickloom.yaml');
    const args = ['start', '--port', '0', '--data-dir', join(folder.path, 'data'), '--config', file];
    writeFileSync(file, configuration('http://127.0.0.1:9', 'allow_private: false'));
    const refused = await startTickloom(args, undefined, KEYS).ended;
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/tickloom\.yaml:9:\d+ alerts\.webhooks\.0\.url: the webhook "desk" is refused: 127/);
    writeFileSync(file, configuration('http://127.0.0.1:9'));
    const unsigned = await startTickloom(args).ended;
    expect(unsigned.code).toBe(2);
    expect(unsigned.stderr).toMatch(/alerts\.webhooks: "desk" needs TICKLOOM_WEBHOOK_SECRET_DESK in the environment/);
  }, 30_000);
});
