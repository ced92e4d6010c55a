import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Report, type SuiteResult } from '../figure.ts';
import { median } from '../measure.ts';

const CLIENTS = 1_000;
const SECONDS = 2;
const ROUNDS = 2;
/** A text frame of 200 bytes has a header of four. */
const FRAME_BYTES = 204;
const MODES = ['ours', 'ws one buffer', 'ours coalesced', 'ws stringify for each'] as const;

interface Taken {
  /** Deliveries per second of the server's CPU time. */
  readonly perCpuSecond: number;
  /** Deliveries that arrived, per second of wall clock. */
  readonly perSecond: number;
}

/**
 * One event of 200 bytes to each of 1000 WebSocket clients: single, and sixteen a turn, which our server puts into one
 * write. The server's CPU time is compared, because clients and server share the cores.
 */
export async function fanout1000(): Promise<SuiteResult> {
  const report = new Report('fanout.1000');
  const taken = new Map<string, Taken[]>(MODES.map((mode) => [mode, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const mode of MODES) taken.get(mode)?.push(await takeOne(mode));
  }
  const cpu = (mode: (typeof MODES)[number]): number =>
    median((taken.get(mode) ?? []).map(({ perCpuSecond }) => perCpuSecond)) / 1e6;
  const wall = (mode: (typeof MODES)[number]): number =>
    median((taken.get(mode) ?? []).map(({ perSecond }) => perSecond)) / 1e6;
  for (const mode of MODES) {
    report.note(
      `${mode}: ${wall(mode).toFixed(3)} M messages/s arrived, ${cpu(mode).toFixed(3)} M per CPU second sent`,
    );
  }
  const unit = 'M messages per CPU second of the server';
  report.more(cpu('ours'), unit, 'ws sending one buffer', cpu('ws one buffer'));
  report.more(cpu('ours coalesced'), unit, 'ws, JSON.stringify for each client', cpu('ws stringify for each'));
  return report;
}

async function takeOne(mode: string): Promise<Taken> {
  const server = fork(new URL('../fanout/server-process.ts', import.meta.url), [mode]);
  const { ready: port } = await answer<{ readonly ready: number }>(server);
  const client = fork(new URL('../fanout/client-process.ts', import.meta.url), [String(port), String(CLIENTS)]);
  try {
    await answer(client);
    await sleep(200);
    server.send('go');
    await sleep(300);
    await ask(client, 'count');
    const startedMs = performance.now();
    await sleep(SECONDS * 1_000);
    const { bytes } = await ask<{ readonly bytes: number }>(client, 'count');
    const seconds = (performance.now() - startedMs) / 1_000;
    const sent = await ask<{ readonly messages: number; readonly cpuMs: number; readonly clients: number }>(
      server,
      'stop',
    );
    if (sent.clients !== CLIENTS) throw new Error(`fanout.1000: ${mode} served ${sent.clients} clients of ${CLIENTS}`);
    return {
      perCpuSecond: (sent.messages * 1_000) / sent.cpuMs,
      perSecond: bytes / FRAME_BYTES / seconds,
    };
  } finally {
    client.kill('SIGKILL');
    server.kill('SIGKILL');
  }
}

async function ask<Answer>(child: ChildProcess, question: string): Promise<Answer> {
  const reply = answer<Answer>(child);
  child.send(question);
  return reply;
}

async function answer<Answer>(child: ChildProcess): Promise<Answer> {
  const [message] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error('fanout.1000: a process ended before it answered');
    }),
  ])) as [Answer];
  return message;
}
