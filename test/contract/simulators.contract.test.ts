import { describe, expect, test } from 'vitest';
import { FAULTS, SIMULATORS } from '../../src/simulators/index.ts';
import { STREAM_CLIENTS, type StreamClient, type StreamTrade } from '../support/provider-clients.ts';
import { type LogLine, type OpenedStream, SimulatorRig } from '../support/simulator-rig.ts';

/** Starts a simulator with faults, plays the whole tape to one client and hands over both. */
async function played(
  client: StreamClient,
  faults: readonly string[],
): Promise<{ rig: SimulatorRig; stream: OpenedStream }> {
  const rig = await SimulatorRig.start(client.provider, faults);
  const stream = await rig.follow(client);
  await rig.ended;
  return { rig, stream };
}

/** Waits until as many trades have come as are wanted. */
async function arrived(
  rig: SimulatorRig,
  client: StreamClient,
  stream: OpenedStream,
  count: number,
): Promise<StreamTrade[]> {
  await stream.collector.until(() => rig.received(client, stream).length >= count);
  return rig.received(client, stream);
}

const byRow = (trades: readonly StreamTrade[]): string[] => trades.map((trade) => JSON.stringify(trade));
const sorted = (trades: readonly StreamTrade[]): string[] => byRow(trades).sort();
const eventsOf = (lines: readonly LogLine[], type: string): number =>
  lines
    .filter((line) => line.type === type)
    .reduce((sum, line) => sum + (line.events?.filter(({ kind }) => kind === 'trade').length ?? 0), 0);

/** True when `part` is what is left of `whole` after some of it was taken out. */
function isSubsequence(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0;
  for (const each of whole) if (at < part.length && part[at] === each) at++;
  return at === part.length;
}

test('every simulator with a stream has a client here, and every fault is played', () => {
  const streaming = SIMULATORS.filter((definition) => definition.hasStream).map((definition) => definition.name);
  expect([...new Set(STREAM_CLIENTS.map((client) => client.provider))].sort()).toEqual([...streaming].sort());
  expect(Object.keys(FAULTS).sort()).toEqual([...Object.keys(STREAM_FAULTS), ...REST_FAULTS].sort());
});

const REST_FAULTS = ['429', '429-bare', '5xx', 'quota', 'clock-skew'];

/** What each fault of a stream does, seen by a client. */
const STREAM_FAULTS: Readonly<Record<string, (client: StreamClient) => Promise<void>>> = {
  async drop(client) {
    const { rig, stream } = await played(client, ['drop=20%']);
    await using _end = rig;
    const whole = rig.expected(client);
    await stream.collector.until(() => rig.received(client, stream).at(-1) !== undefined);
    const lines = await rig.log();
    const trades = rig.received(client, stream);
    expect(trades).toHaveLength(eventsOf(lines, 'sent'));
    expect(trades.length).toBeLessThan(whole.length);
    expect(eventsOf(lines, 'dropped')).toBeGreaterThan(0);
    expect(isSubsequence(byRow(trades), byRow(whole))).toBe(true);
  },
  async hole(client) {
    const { rig, stream } = await played(client, ['hole=20s']);
    await using _end = rig;
    const whole = byRow(rig.expected(client));
    await stream.collector.until(() => rig.received(client, stream).length > 0);
    const lines = await rig.log();
    const trades = byRow(rig.received(client, stream));
    expect(trades).toHaveLength(eventsOf(lines, 'sent'));
    const cut = trades.findIndex((trade, i) => trade !== whole[i]);
    const missing = whole.length - trades.length;
    expect(missing).toBeGreaterThan(0);
    expect([...whole.slice(0, cut), ...whole.slice(cut + missing)]).toEqual(trades);
  },
  async duplicate(client) {
    const { rig, stream } = await played(client, ['duplicate=20%']);
    await using _end = rig;
    const whole = rig.expected(client);
    await stream.collector.until(() => rig.received(client, stream).length > whole.length);
    const lines = await rig.log();
    const trades = rig.received(client, stream);
    expect(trades).toHaveLength(eventsOf(lines, 'sent'));
    expect(isSubsequence(byRow(whole), byRow(trades))).toBe(true);
    if (client.hasIds) {
      const ids = new Set(trades.map(({ name, id }) => `${name} ${id}`));
      expect(ids.size).toBe(whole.length);
    }
  },
  async reorder(client) {
    const { rig, stream } = await played(client, ['reorder=8:100%']);
    await using _end = rig;
    const whole = rig.expected(client);
    const trades = await arrived(rig, client, stream, whole.length);
    expect(sorted(trades)).toEqual(sorted(whole));
    expect(byRow(trades)).not.toEqual(byRow(whole));
  },
  async late(client) {
    const { rig, stream } = await played(client, ['late=3s:10%']);
    await using _end = rig;
    const whole = rig.expected(client);
    const trades = await arrived(rig, client, stream, whole.length);
    expect(sorted(trades)).toEqual(sorted(whole));
    expect(byRow(trades)).not.toEqual(byRow(whole));
  },
  async corrupt(client) {
    const { rig, stream } = await played(client, ['corrupt=50%']);
    await using _end = rig;
    const whole = rig.expected(client);
    await stream.collector.until(() => stream.collector.unreadable.length > 0);
    const lines = await rig.log();
    const trades = rig.received(client, stream);
    expect(stream.collector.unreadable).toHaveLength(lines.filter(({ type }) => type === 'damaged').length);
    expect(trades).toHaveLength(eventsOf(lines, 'sent'));
    expect(trades.length + eventsOf(lines, 'damaged')).toBe(whole.length);
    expect(isSubsequence(byRow(trades), byRow(whole))).toBe(true);
  },
  async 'unknown-shape'(client) {
    const { rig, stream } = await played(client, ['unknown-shape=100%']);
    await using _end = rig;
    const whole = rig.expected(client);
    expect(await arrived(rig, client, stream, whole.length)).toEqual(whole);
    const lines = await rig.log();
    const data = lines.filter(({ type }) => type === 'sent').length;
    expect(lines.filter(({ fault }) => fault === 'unknown-shape')).toHaveLength(data);
    expect(stream.collector.frames.length).toBeGreaterThan(data);
  },
  async mute(client) {
    const { rig, stream } = await played(client, ['mute=50e']);
    await using _end = rig;
    const count = rig.expected(client).length;
    const pong = new Promise((resolve) => stream.socket.on('pong', resolve));
    stream.socket.ping();
    await pong;
    const trades = rig.received(client, stream);
    expect(trades.length).toBeGreaterThanOrEqual(Math.min(50, count));
    expect(trades.length).toBeLessThan(count);
    expect(stream.collector.closeCode).toBeUndefined();
  },
  async 'half-open'(client) {
    const { rig, stream } = await played(client, ['half-open=50e']);
    await using _end = rig;
    let isAnswered = false;
    stream.socket.on('pong', () => {
      isAnswered = true;
    });
    stream.socket.ping();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(isAnswered).toBe(false);
    expect(stream.collector.closeCode).toBeUndefined();
    expect(rig.received(client, stream).length).toBeLessThan(rig.expected(client).length);
  },
  async stall(client) {
    const { rig, stream } = await played(client, ['stall=0.3s:50e:x1']);
    await using _end = rig;
    const whole = rig.expected(client);
    expect(await arrived(rig, client, stream, whole.length)).toEqual(whole);
    const times = stream.collector.frames.map(({ atMs }) => atMs);
    const pauses = times.slice(1).map((atMs, i) => atMs - (times[i] as number));
    expect(Math.max(...pauses)).toBeGreaterThan(200);
  },
  async slow(client) {
    const { rig, stream } = await played(client, ['slow=2ms']);
    await using _end = rig;
    const whole = rig.expected(client);
    expect(await arrived(rig, client, stream, whole.length)).toEqual(whole);
    const times = stream.collector.frames.map(({ atMs }) => atMs);
    expect((times.at(-1) as number) - (times[0] as number)).toBeGreaterThan((times.length - 1) * 1.5);
  },
  async 'wrong-key'(client) {
    const { isKeyRefusal } = client;
    if (isKeyRefusal === undefined) return;
    await using rig = await SimulatorRig.start(client.provider, ['wrong-key']);
    const { collector, refusal, socket } = await rig.open(client);
    if (refusal !== undefined) {
      expect(isKeyRefusal(refusal)).toBe(true);
      return;
    }
    if (client.headers === undefined) socket.send(JSON.stringify(client.login?.('good')));
    await collector.message(isKeyRefusal);
    await collector.until(() => collector.closeCode !== undefined);
  },
  async 'connection-limit'(client) {
    await using rig = await SimulatorRig.start(client.provider, ['connection-limit=1']);
    const first = await rig.follow(client);
    const { collector, refusal, socket } = await rig.open(client);
    if (refusal === undefined) {
      if (client.headers === undefined && client.login !== undefined) socket.send(JSON.stringify(client.login('good')));
      await collector.until(() => collector.closeCode !== undefined);
      const answers = [...collector.frames.map(({ message }) => message), { code: collector.closeCode }];
      expect(answers.some(client.isConnectionRefusal)).toBe(true);
    } else expect(client.isConnectionRefusal(refusal)).toBe(true);
    expect(first.collector.closeCode).toBeUndefined();
  },
  async 'symbol-limit'(client) {
    await using rig = await SimulatorRig.start(client.provider, ['symbol-limit=1']);
    const { collector } = await rig.follow(client);
    await collector.message(client.isSymbolRefusal);
  },
  async disconnect(client) {
    const { rig, stream } = await played(client, ['disconnect=50e:x1']);
    await using _end = rig;
    expect(await stream.collector.until(() => stream.collector.closeCode)).toBe(1006);
    expect(rig.received(client, stream).length).toBeLessThan(rig.expected(client).length);
  },
};

describe.each(STREAM_CLIENTS)('$label', (client) => {
  test.concurrent('plays every trade once, in order and bit for bit, and logs what it sent', async () => {
    const { rig, stream } = await played(client, []);
    await using _end = rig;
    const expected = rig.expected(client);
    expect(await arrived(rig, client, stream, expected.length)).toEqual(expected);
    const lines = await rig.log();
    expect(eventsOf(lines, 'sent')).toBe(expected.length);
    expect(JSON.stringify(lines)).not.toContain('good');
  });

  test.concurrent('takes the configured key only', async () => {
    const { isKeyRefusal } = client;
    if (isKeyRefusal === undefined) return;
    await using rig = await SimulatorRig.start(client.provider, [], { key: 'good' });
    const bad = await rig.open(client, 'bad');
    if (bad.refusal !== undefined) expect(isKeyRefusal(bad.refusal)).toBe(true);
    else {
      if (client.headers === undefined) bad.socket.send(JSON.stringify(client.login?.('bad')));
      await bad.collector.message(isKeyRefusal);
    }
    const good = await rig.follow(client);
    await good.collector.until(() => rig.received(client, good).length > 0);
  });

  test.concurrent('garbage of a client ends nothing', async () => {
    await using rig = await SimulatorRig.start(client.provider);
    const { socket, collector } = await rig.open(client);
    if (client.headers === undefined && client.login !== undefined) socket.send(JSON.stringify(client.login('good')));
    if (client.isLoggedIn !== undefined) await collector.message(client.isLoggedIn);
    const shapes = [
      null,
      42,
      [],
      {},
      'x',
      { action: 'subscribe', trades: [{}], params: 7 },
      { method: 'SUBSCRIBE', params: {} },
    ];
    const actions = ['subscribe', 'unsubscribe', 'auth', 'reset'].flatMap((action) => [{ action }, { type: action }]);
    for (const shape of [...shapes, ...actions]) {
      socket.send(JSON.stringify(shape));
      if (client.encode !== undefined) socket.send(client.encode(shape));
    }
    for (const text of ['', '{', '\u0000', '[[['.repeat(1_000)]) socket.send(text);
    socket.send(Buffer.from([0xff, 0x00, 0xc1, 0x93]));
    await fetch(`${rig.url}/%E0%A4%A?x=%`).then((response) => expect(response.status).toBe(400));
    const other = await rig.follow(client);
    await arrived(rig, client, other, rig.expected(client).length);
  });

  test.concurrent('the same seed plays the same faults', async () => {
    const faults = ['drop=5%', 'duplicate=5%', 'reorder=6:50%', 'late=2s:5%'];
    const runs: string[][] = [];
    for (let run = 0; run < 2; run++) {
      const { rig } = await played(client, faults);
      await using _end = rig;
      const lines = await rig.log();
      runs.push(lines.filter(({ type }) => type === 'sent').map(({ events }) => JSON.stringify(events)));
    }
    expect(runs[0]).toEqual(runs[1]);
  });

  for (const [kind, check] of Object.entries(STREAM_FAULTS)) {
    test.concurrent(`fault ${kind}`, () => check(client));
  }
});
