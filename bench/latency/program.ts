import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { type RunningProgram, startProgram } from '../../test/support/run-program.ts';
import { SYMBOLS } from '../ingest/alpaca-frames.ts';
import type { AlpacaServer } from './alpaca-server.ts';

const LAUNCHER = join(import.meta.dirname, '..', '..', 'bin', 'tickloom.mjs');

/** `tickloom start` on a folder of its own, collecting from a server on this machine. */
export class LiveProgram {
  readonly url: string;
  readonly pid: number;
  private readonly program: RunningProgram;
  private readonly folder: string;

  private constructor(program: RunningProgram, url: string, folder: string) {
    this.program = program;
    this.url = url;
    this.folder = folder;
    this.pid = program.process.pid as number;
  }

  static async start(server: AlpacaServer): Promise<LiveProgram> {
    const folder = mkdtempSync(join(tmpdir(), 'tickloom-latency-'));
    const address = `127.0.0.1:${await server.listen()}`;
    const settings = [`sources.alpaca.stream_url=ws://${address}`, `sources.alpaca.rest_url=http://${address}`];
    const args = ['start', '--source', 'alpaca', '--port', '0', '--data-dir', folder, '--symbols', SYMBOLS.join(',')];
    const env = { ...process.env, ALPACA_API_KEY_ID: 'none', ALPACA_API_SECRET_KEY: 'none' };
    const sets = [...settings, 'sources.alpaca.plan=sip', 'log.level=warn'].flatMap((setting) => ['--set', setting]);
    const program = startProgram(process.execPath, [LAUNCHER, ...args, ...sets], { cwd: folder, env });
    const [, url] = await program.waitFor(/(http:\/\/[^\s:]+:\d+)/);
    return new LiveProgram(program, url as string, folder);
  }

  /** Subscribes to a channel of the program; `onText` gets every message with the time of its receipt. */
  async listen(subscription: object, onText: (text: string) => void): Promise<WebSocket> {
    const socket = new WebSocket(`${this.url.replace('http', 'ws')}/ws`, { perMessageDeflate: false });
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    socket.on('message', (data: Buffer) => onText(data.toString('latin1')));
    socket.send(JSON.stringify({ action: 'subscribe', ...subscription }));
    return socket;
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.url}/metrics`)).text();
  }

  async stop(): Promise<string> {
    this.program.process.kill('SIGTERM');
    const { stderr } = await this.program.ended;
    rmSync(this.folder, { recursive: true, force: true });
    return stderr;
  }
}
