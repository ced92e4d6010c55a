import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ApiContext, ApiServer } from '../../api/index.ts';
import { type Log, Metrics, type PlainHistogram, systemClock } from '../../host/index.ts';
import type { Universe } from '../../model/index.ts';
import type { TickloomConfig } from '../config/index.ts';
import { explanation } from '../explain/explanation.ts';
import type { LiveAlerts } from './live-alerts.ts';
import type { OpenRun } from './open-run.ts';

/** The built dashboard lies beside the sources in a clone and beside `dist` in the package. */
const DASHBOARD = fileURLToPath(new URL('../../../dist-web', import.meta.url));

/** Names that brokers have for symbols that we know under another one. */
const BROKER_SYMBOLS: Readonly<Record<string, string>> = { NAS100: 'US100' };

/** HTTP and WebSocket as the configuration wants them. */
export function apiServer(
  config: TickloomConfig,
  context: ApiContext,
  universe: Universe,
  log: Log,
  stages: PlainHistogram,
  run: Pick<OpenRun, 'bus' | 'history' | 'lake'>,
  alerts: LiveAlerts,
): ApiServer {
  const { api, dashboard, streaming } = config;
  const metrics = new Metrics();
  alerts.registerMetrics(metrics);
  return new ApiServer({
    context,
    universe,
    host: api.host,
    port: api.port,
    socketPort: dashboard.ws_port === 0 ? streaming.dashboard.ws_port : dashboard.ws_port,
    allowRemote: api.allow_remote,
    allowedHosts: api.allowed_hosts,
    allowedOrigins: api.allowed_origins,
    eventLog: api.event_log,
    bus: run.bus,
    explain: (id) => {
      run.bus.commit();
      const { history, lake } = run;
      return explanation({ event: (wanted) => run.bus.store.event(wanted), bars: history, trades: lake }, id);
    },
    brokerSymbols: { ...BROKER_SYMBOLS, ...config.broker.symbols },
    ...(existsSync(DASHBOARD) ? { dashboardDir: DASHBOARD } : {}),
    alerts,
    metrics,
    stages,
    log,
    clock: systemClock,
  });
}
