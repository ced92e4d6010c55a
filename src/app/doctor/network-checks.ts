import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { SOCKET_PATH } from '../../api/index.ts';
import { systemCode } from '../../host/index.ts';
import type { ActionContext } from '../options.ts';
import { type Check, type Finding, failed, ok, skipped, warning } from './check.ts';

const SECTION = 'network';
const TIMEOUT_MS = 2_000;
const DASHBOARD = fileURLToPath(new URL('../../../dist-web', import.meta.url));

export const NETWORK_CHECKS: readonly Check[] = [
  {
    id: 'network.port',
    section: SECTION,
    look: ({ config }) => portFree(config.api.host, config.api.port, 'api.port'),
  },
  { id: 'network.socket-port', section: SECTION, look: socketPort },
  { id: 'network.websocket', section: SECTION, look: webSocket },
  { id: 'network.dashboard', section: SECTION, look: dashboard },
];

function socketPort({ config }: ActionContext): Finding | Promise<Finding> {
  const port = config.dashboard.ws_port === 0 ? config.streaming.dashboard.ws_port : config.dashboard.ws_port;
  if (port === 0) return skipped('no second port for the WebSocket is set');
  return portFree(config.api.host, port, 'dashboard.ws_port');
}

async function portFree(host: string, port: number, key: string): Promise<Finding> {
  const code = await bindError(host, port);
  const where = `${host}:${port}`;
  if (code === undefined) return ok(port === 0 ? 'any free port will be taken' : `${where} is free`);
  const fix = `Set ${key} to another port (or 0 for any free one).`;
  if (code === 'EADDRINUSE') {
    if (await isTickloom(host, port)) return ok(`a tickloom answers at ${where}`);
    return failed(`${where} is in use by another program`, fix);
  }
  if (code === 'EACCES') return failed(`this user may not open port ${port}`, fix);
  return failed(`${where} can not be opened (${code})`, 'Set api.host to an address of this machine.');
}

/** The system's code when the port can not be opened. */
function bindError(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(systemCode(error) ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

function baseUrl(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function isTickloom(host: string, port: number): Promise<boolean> {
  try {
    const answer = await fetch(`${baseUrl(host, port)}/health`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const body = (await answer.json()) as { readonly components?: unknown; readonly version?: unknown };
    return typeof body.version === 'string' && body.components !== undefined;
  } catch {
    // Whatever answers there, or not, is no tickloom.
    return false;
  }
}

async function webSocket({ config }: ActionContext): Promise<Finding> {
  const { host, port, allowed_origins: allowed } = config.api;
  if (port === 0 || !(await isTickloom(host, port))) return skipped(`no tickloom runs at ${host}:${port}`);
  for (const origin of [baseUrl(host, port), ...allowed]) {
    const problem = await socketProblem(`${baseUrl(host, port).replace('http', 'ws')}${SOCKET_PATH}`, origin);
    if (problem === undefined) continue;
    return failed(
      `the WebSocket refuses ${origin}: ${problem}`,
      'Add the origin to api.allowed_origins and start again.',
    );
  }
  return ok(`the WebSocket accepts ${1 + allowed.length} configured origins`);
}

function socketProblem(url: string, origin: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, { origin, handshakeTimeout: TIMEOUT_MS });
    socket.once('open', () => {
      socket.close();
      resolve(undefined);
    });
    socket.once('error', (error) => resolve(error.message));
  });
}

function dashboard(): Finding {
  const page = join(DASHBOARD, 'index.html');
  const fix = 'npm run build:web builds it.';
  if (!existsSync(page)) return warning('the dashboard is not built; the API works without it', fix);
  const names = [...readFileSync(page, 'utf8').matchAll(/(?:src|href)="\.?\/([^"]+)"/g)].map(
    (match) => match[1] as string,
  );
  const missing = names.filter((name) => !existsSync(join(DASHBOARD, name)));
  return missing.length === 0 ? ok(`built, ${names.length} assets`) : failed(`missing: ${missing.join(', ')}`, fix);
}
