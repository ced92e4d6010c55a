import { describe, expect, test } from 'vitest';
import { SIMULATORS } from '../../src/simulators/index.ts';
import { HISTORY_CLIENTS, type HistoryClient } from '../support/history-clients.ts';
import { minuteBars } from '../support/simulated-tape.ts';
import { SimulatorRig } from '../support/simulator-rig.ts';

const ask = (rig: SimulatorRig, client: HistoryClient): Promise<Response> => rig.get(client.path, client.headers);

test('every simulator has a client here', () => {
  const names = SIMULATORS.map((definition) => definition.name);
  expect(HISTORY_CLIENTS.map((client) => client.provider).sort()).toEqual([...names].sort());
});

describe.each(HISTORY_CLIENTS)('$provider over REST', (client) => {
  test.concurrent('answers with data, and an unknown path with 404', async () => {
    await using rig = await SimulatorRig.start(client.provider);
    const response = await ask(rig, client);
    expect(response.status).toBe(200);
    expect(client.isData(await response.text())).toBe(true);
    expect((await rig.get('/no/such/path?apiKey=good&token=good&apikey=good', client.headers)).status).toBe(404);
  });

  test.concurrent('pages through the trades of the tape, once, in order and bit for bit', async () => {
    const { trades: readTrades, resolutionUs = 1 } = client;
    if (readTrades === undefined) return;
    await using rig = await SimulatorRig.start(client.provider);
    const { pages, trades } = await readTrades.call(client, rig);
    const expected = rig.trades
      .filter(({ symbol }) => symbol === client.symbol)
      .map(({ id, tsUs, price, size }) => ({ id, ts: Math.floor(tsUs / resolutionUs), price, size }));
    expect(trades).toEqual(expected);
    expect(pages).toBeGreaterThan(2);
  });

  test.concurrent('gives the bars of the tape', async () => {
    const { closes, decimals } = client;
    if (closes === undefined) return;
    await using rig = await SimulatorRig.start(client.provider);
    const rounded = (value: number): number => (decimals === undefined ? value : Number(value.toFixed(decimals)));
    const expected = minuteBars(rig.trades, client.symbol).map(
      ({ startS, close }) => [startS, rounded(close)] as const,
    );
    expect(closes.call(client, await (await ask(rig, client)).text())).toEqual(expected);
  });

  test.concurrent('history holds what was played, no more', async () => {
    const { closes } = client;
    if (closes === undefined) return;
    await using rig = await SimulatorRig.start(client.provider, [], { speed: 0.001, start: 'launch' });
    const body = await (await ask(rig, client)).text();
    const first = minuteBars(rig.trades, client.symbol)[0];
    const seen = client.isData(body) ? closes.call(client, body) : [];
    expect(seen.length).toBeLessThanOrEqual(1);
    for (const [startS] of seen) expect(startS).toBe(first?.startS);
  });

  test.concurrent('refuses a wrong key in its own words, and logs no key', async () => {
    const { wrongKey } = client;
    if (wrongKey === undefined) return;
    await using rig = await SimulatorRig.start(client.provider, [], { key: 'good' });
    const { path, headers, refusal } = wrongKey;
    const body = await (await rig.get(path, headers)).text();
    expect(body).toMatch(refusal);
    expect(client.isData(body)).toBe(false);
    const lines = await rig.log();
    expect(lines.filter(({ type }) => type === 'request')).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toMatch(/=bad/);
  });

  test.concurrent('429 with Retry-After for the first N, for a share, and above a rate', async () => {
    await using first = await SimulatorRig.start(client.provider, ['429=2e:3s']);
    const answers = [await ask(first, client), await ask(first, client), await ask(first, client)];
    expect(answers.map(({ status }) => status)).toEqual([429, 429, 200]);
    expect(answers[0]?.headers.get('retry-after')).toBe('3');
    await using share = await SimulatorRig.start(client.provider, ['429=50%']);
    const many = await Promise.all(Array.from({ length: 40 }, () => ask(share, client)));
    const refused = many.filter(({ status }) => status === 429).length;
    expect(refused).toBeGreaterThan(5);
    expect(refused).toBeLessThan(35);
    await using rate = await SimulatorRig.start(client.provider, ['429=3/min']);
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) statuses.push((await ask(rate, client)).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    const lines = await rate.log();
    expect(lines.filter(({ type }) => type === 'request').map(({ status }) => status)).toEqual(statuses);
  });

  test.concurrent('429 without Retry-After, server errors, and a quota text with status 200', async () => {
    await using bare = await SimulatorRig.start(client.provider, ['429-bare=1e']);
    const refused = await ask(bare, client);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBeNull();
    await using broken = await SimulatorRig.start(client.provider, ['5xx=1e']);
    expect((await ask(broken, client)).status).toBeGreaterThanOrEqual(500);
    expect((await ask(broken, client)).status).toBe(200);
    await using spent = await SimulatorRig.start(client.provider, ['quota=1e']);
    const answer = await ask(spent, client);
    const body = await answer.text();
    expect(answer.status).toBe(200);
    expect(body).toMatch(client.quota);
    expect(client.isData(body)).toBe(false);
  });

  test.concurrent('a skewed clock shows in the Date header', async () => {
    await using rig = await SimulatorRig.start(client.provider, ['clock-skew=100s']);
    const date = Date.parse((await ask(rig, client)).headers.get('date') ?? '');
    expect(Math.abs(date - Date.now() - 100_000)).toBeLessThan(20_000);
  });
});

test('finnhub and coingecko quote the last price; fred publishes the close of the day', async () => {
  await using finnhub = await SimulatorRig.start('finnhub');
  const last = finnhub.trades.findLast(({ symbol }) => symbol === 'AAPL');
  expect(await (await finnhub.get('/api/v1/quote?symbol=AAPL&token=t')).json()).toMatchObject({ c: last?.price });
  expect(await (await finnhub.get('/api/v1/quote?symbol=NONE&token=t')).json()).toMatchObject({ c: 0, t: 0 });
  await using coingecko = await SimulatorRig.start('coingecko');
  const coin = coingecko.trades.findLast(({ symbol }) => symbol === 'BTCUSDT');
  const price = await (await coingecko.get('/simple/price?ids=bitcoin,nothing&vs_currencies=usd')).json();
  expect(price).toEqual({ bitcoin: { usd: coin?.price } });
  await using fred = await SimulatorRig.start('fred');
  const path = '/fred/series/observations?series_id=AAPL&file_type=json&api_key=k';
  const today = (await (await fred.get(path)).json()) as { count: number };
  expect(today.count).toBe(0);
  const later = (await (await fred.get(`${path}&realtime_end=2024-03-06`)).json()) as { observations: unknown[] };
  const close = fred.trades.findLast(({ symbol }) => symbol === 'AAPL')?.price;
  expect(later.observations).toMatchObject([
    { date: '2024-03-05', realtime_start: '2024-03-06', value: String(close) },
  ]);
});
