import type {
  AlertList,
  AlertRules,
  BarPage,
  BreakRequest,
  BreakResult,
  DeliveryList,
  FeatureSnapshot,
  GapList,
  HealthReport,
  MetricsDocument,
  OutcomeList,
  PatternList,
  ProblemDocument,
  QuarantineList,
  RegimeReport,
  RunStatus,
  SignalList,
  SourceList,
  SymbolList,
  SymbolRow,
  WebhookTest,
} from '../../src/api/protocol/index.ts';
import { DATA_FAMILIES, SIGNAL_SOCKET_PATH } from '../../src/api/protocol/index.ts';
import type { Explanation } from './explanation.ts';

/** A request that failed, in a sentence for people, with the code that the server gave. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly path: string;

  constructor(path: string, status: number, code: string, message: string) {
    super(message);
    this.name = 'ApiError';
    this.path = path;
    this.status = status;
    this.code = code;
  }
}

const REQUEST_TIMEOUT_MS = 8_000;

async function problemOf(path: string, response: Response): Promise<ApiError> {
  const text = await response.text();
  let problem: Partial<ProblemDocument> = {};
  try {
    problem = JSON.parse(text) as Partial<ProblemDocument>;
  } catch {
    // Not a problem document (a proxy's page, say): the status line is all there is to tell.
  }
  const field = problem.errors?.[0];
  const detail = problem.detail ?? problem.title ?? (response.statusText || 'no reason given');
  const message = field === undefined ? detail : `${detail} (${field.pointer}: ${field.detail})`;
  return new ApiError(path, response.status, problem.code ?? `http_${response.status}`, message);
}

async function request(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, {
      ...init,
      headers: { accept: 'application/json', ...init.headers },
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
  } catch (error) {
    const reason =
      error instanceof DOMException && error.name === 'TimeoutError' ? 'no answer in 8 s' : 'not reachable';
    throw new ApiError(path, 0, 'unreachable', `Tickloom is ${reason} at ${location.host}`);
  }
}

async function requestJson(path: string, init: RequestInit = {}): Promise<unknown> {
  const response = await request(path, init);
  if (!response.ok) throw await problemOf(path, response);
  return response.json();
}

/** The health report comes with status 503 when something is down: that is an answer, not a failure. */
async function readHealth(): Promise<HealthReport> {
  const response = await request('/health', {});
  if (!response.ok && response.status !== 503) throw await problemOf('/health', response);
  return (await response.json()) as HealthReport;
}

function query(parameters: { readonly [name: string]: string | number | undefined }): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) search.set(name, String(value));
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

/** Narrows a list of statements. */
interface SeriesFilter {
  readonly symbol?: string;
  readonly timeframe?: string;
}

/** The HTTP half of the dashboard's talk with the server. Every call rejects with an {@link ApiError}. */
export const api = {
  run: async (): Promise<RunStatus> => (await requestJson('/api/v1/run')) as RunStatus,
  symbols: async (): Promise<SymbolList> => (await requestJson('/api/v1/symbols')) as SymbolList,
  sources: async (): Promise<SourceList> => (await requestJson('/api/v1/sources')) as SourceList,
  gaps: async (limit: number): Promise<GapList> => (await requestJson(`/api/v1/gaps${query({ limit })}`)) as GapList,
  quarantine: async (limit: number, cursor?: string): Promise<QuarantineList> =>
    (await requestJson(`/api/v1/quarantine${query({ limit, cursor })}`)) as QuarantineList,
  features: async (symbol: string, timeframe: string): Promise<FeatureSnapshot> =>
    (await requestJson(`/api/v1/features/${encodeURIComponent(symbol)}${query({ timeframe })}`)) as FeatureSnapshot,
  /** The latest bars before the cursor (or now), ascending. */
  bars: async (
    row: Pick<SymbolRow, 'symbol' | 'asset_class'>,
    timeframe: string,
    limit: number,
    cursor?: string,
  ): Promise<BarPage> => {
    const path = `/api/v1/data/${DATA_FAMILIES[row.asset_class]}/${encodeURIComponent(row.symbol)}${query({ timeframe, limit, cursor })}`;
    return (await requestJson(path)) as BarPage;
  },
  patterns: async (limit: number, of: SeriesFilter = {}): Promise<PatternList> =>
    (await requestJson(`/api/v1/patterns${query({ ...of, limit })}`)) as PatternList,
  outcomes: async (limit: number, of: SeriesFilter = {}): Promise<OutcomeList> =>
    (await requestJson(`/api/v1/outcomes${query({ ...of, limit })}`)) as OutcomeList,
  regimes: async (symbol: string, timeframe: string, limit: number): Promise<RegimeReport> =>
    (await requestJson(`/api/v1/regimes/${encodeURIComponent(symbol)}${query({ timeframe, limit })}`)) as RegimeReport,
  /** The newest signal of each symbol and timeframe. */
  newestSignals: async (): Promise<SignalList> => (await requestJson(SIGNAL_SOCKET_PATH)) as SignalList,
  alerts: async (limit: number): Promise<AlertList> =>
    (await requestJson(`/api/v1/alerts${query({ limit })}`)) as AlertList,
  alertRules: async (): Promise<AlertRules> => (await requestJson('/api/v1/alerts/rules')) as AlertRules,
  deliveries: async (limit: number): Promise<DeliveryList> =>
    (await requestJson(`/api/v1/alerts/deliveries${query({ limit })}`)) as DeliveryList,
  testWebhook: async (name: string): Promise<WebhookTest> =>
    (await requestJson(`/api/v1/alerts/webhooks/${encodeURIComponent(name)}/test`, { method: 'POST' })) as WebhookTest,
  explain: async (id: number): Promise<Explanation> => (await requestJson(`/api/v1/explain/${id}`)) as Explanation,
  health: readHealth,
  metrics: async (): Promise<MetricsDocument> => (await requestJson('/metrics/json')) as MetricsDocument,
  breakIt: async (request: BreakRequest): Promise<BreakResult> =>
    (await requestJson('/api/v1/demo/break', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    })) as BreakResult,
};
