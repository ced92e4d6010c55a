import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Report, type SuiteResult } from '../figure.ts';

/** Event publishing of the source system: under 10 ms. */
const FLOOR_MS = 10;
/** Four kinds of clients in turn; the last one does not listen to what is published. */
const SUBSCRIPTIONS = [
  { action: 'subscribe', channels: ['pattern_matches'] },
  { action: 'subscribe', channels: ['pattern_matches', 'alerts'], symbols: ['AAPL'] },
  { action: 'subscribe', channels: ['pattern_matches', 'signals'], timeframes: ['1m'] },
  { action: 'subscribe', channels: ['trades'], symbols: ['MSFT'] },
].map((message) => JSON.stringify(message));

/** From the engine's call until a statement is in the log on disk and written to every socket that wants it. */
export async function publishStatement(): Promise<SuiteResult> {
  const report = new Report('publish.statement');
  for (const clients of [100, 1_000]) {
    const tookMs = (await takeOne(clients)).sort((a, b) => a - b);
    const at = (share: number): number => tookMs[Math.floor(tookMs.length * share)] as number;
    report.note(`${clients} clients, mixed subscriptions: p50 ${at(0.5).toFixed(2)} ms, p99 ${at(0.99).toFixed(2)} ms`);
    report.less(at(0.99), `ms p99 to ${clients} clients`, '10 ms', FLOOR_MS);
  }
  return report;
}

async function takeOne(clients: number): Promise<number[]> {
  const server = fork(new URL('../publish/server-process.ts', import.meta.url));
  const { ready: port } = await answer<{ readonly ready: number }>(server);
  const args = [String(port), String(clients), JSON.stringify(SUBSCRIPTIONS)];
  const client = fork(new URL('../fanout/client-process.ts', import.meta.url), args);
  try {
    await answer(client);
    await sleep(500);
    const result = answer<{ readonly tookMs: number[] }>(server);
    server.send((clients * 3) / 4);
    return (await result).tookMs;
  } finally {
    client.kill('SIGKILL');
    server.kill('SIGKILL');
  }
}

async function answer<Answer>(child: ChildProcess): Promise<Answer> {
  const [message] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error('publish.statement: a process ended before it answered');
    }),
  ])) as [Answer];
  return message;
}
