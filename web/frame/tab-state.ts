import type { RunStatus } from '../../src/api/protocol/index.ts';
import type { ConnectionState } from '../net/live-socket.ts';

/** Title and favicon tell the state of a tab that nobody looks at: ● moving, ▲ something is stale, ■ lost. */
export function showTabState(
  connection: ConnectionState,
  run: RunStatus | undefined,
  staleCount: number,
  screenTitle: string,
): void {
  const isLost = connection.kind === 'reconnecting' || connection.kind === 'connecting';
  const state = isLost ? 'lost' : staleCount > 0 ? 'alert' : run?.mode === 'replay' ? 'replay' : 'live';
  const sign = { lost: '■', alert: '▲', replay: '▶', live: '●' }[state];
  const mode = run === undefined ? '' : ` · ${run.mode.toUpperCase()}`;
  const title = `${sign} ${screenTitle}${mode} · Tickloom`;
  if (document.title !== title) document.title = title;
  const link = document.getElementById('favicon');
  const href = `/favicon-${state}.svg`;
  if (link !== null && link.getAttribute('href') !== href) link.setAttribute('href', href);
}
