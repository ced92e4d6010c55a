/** Where a value came from; the strongest first. */
export type Origin = 'flag' | 'env' | '.env' | 'file' | 'default';

/** Environment names kept from the source systems, and the key each sets. A secret has no key: it never enters the configuration. */
export const ENVIRONMENT_KEYS: Readonly<Record<string, string>> = {
  TICKLOOM_DATA_DIR: 'data_dir',
  SYMBOLS: 'symbols',
  MAX_BARS_CACHE: 'bars.window',
  BATCH_WRITE_INTERVAL: 'stores.batch_write_interval_s',
  ALPACA_REALTIME_ENABLED: 'sources.alpaca.realtime_enabled',
  COLLECTION_INTERVAL: 'collector.interval_s',
  FEATURE_CACHE_TTL: 'features.cache_ttl_s',
  REDIS_POOL_SIZE: 'redis.pool_size',
  HTTP_POOL_SIZE: 'http.pool_size',
};

/** Names of secrets, read from the environment, `.env` or `NAME_FILE`, masked everywhere. */
export const SECRET_NAMES: readonly string[] = [
  'ALPACA_API_KEY_ID',
  'ALPACA_API_SECRET_KEY',
  'ALPHAVANTAGE_API_KEY',
  'TWELVEDATA_API_KEY',
  'POLYGON_API_KEY',
  'FINNHUB_API_KEY',
  'FRED_API_KEY',
  'COINGECKO_API_KEY',
  'TICKLOOM_API_KEYS',
  'REDIS_URL',
  'DATABASE_URL',
];

/** The variable with the secret of a webhook. */
export function webhookSecretName(webhook: string): string {
  return `${WEBHOOK_SECRET}${webhook.toUpperCase().replaceAll('-', '_')}`;
}

/** The secrets of webhooks among names of variables, whatever webhooks there are. */
export function webhookSecretNames(variables: Iterable<string>): readonly string[] {
  const names = [...variables].filter((name) => name.startsWith(WEBHOOK_SECRET));
  return [...new Set(names.map((name) => name.replace(/_FILE$/, '')))].sort();
}

const WEBHOOK_SECRET = 'TICKLOOM_WEBHOOK_SECRET_';

/** Names that other programs and habits give the same secrets. They are not taken, but found when one is missing. */
export const MISNAMED_SECRETS: Readonly<Record<string, string>> = {
  APCA_API_KEY_ID: 'ALPACA_API_KEY_ID',
  APCA_API_SECRET_KEY: 'ALPACA_API_SECRET_KEY',
  ALPACA_API_KEY: 'ALPACA_API_KEY_ID',
  ALPACA_KEY_ID: 'ALPACA_API_KEY_ID',
  ALPACA_KEY: 'ALPACA_API_KEY_ID',
  ALPACA_API_SECRET: 'ALPACA_API_SECRET_KEY',
  ALPACA_SECRET_KEY: 'ALPACA_API_SECRET_KEY',
  ALPACA_SECRET: 'ALPACA_API_SECRET_KEY',
  POLY_API_KEY: 'POLYGON_API_KEY',
  POLYGON_KEY: 'POLYGON_API_KEY',
  POLYGON_IO_API_KEY: 'POLYGON_API_KEY',
  MASSIVE_API_KEY: 'POLYGON_API_KEY',
  FINNHUB_KEY: 'FINNHUB_API_KEY',
  FINNHUB_TOKEN: 'FINNHUB_API_KEY',
  TWELVE_DATA_API_KEY: 'TWELVEDATA_API_KEY',
  TWELVEDATA_KEY: 'TWELVEDATA_API_KEY',
  ALPHA_VANTAGE_API_KEY: 'ALPHAVANTAGE_API_KEY',
  ALPHAVANTAGE_KEY: 'ALPHAVANTAGE_API_KEY',
  FRED_KEY: 'FRED_API_KEY',
  COINGECKO_DEMO_API_KEY: 'COINGECKO_API_KEY',
  COINGECKO_PRO_API_KEY: 'COINGECKO_API_KEY',
};

/** The words of the key that a variable sets: `TICKLOOM__BARS__WINDOW` sets `bars.window`, any key by the same path. */
export function wordsOfVariable(name: string): readonly string[] | undefined {
  const known = ENVIRONMENT_KEYS[name];
  if (known !== undefined) return known.split('.');
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length).split('__') : undefined;
}

const PREFIX = 'TICKLOOM__';

/** Names by rising strength: a name that spells the key out wins over an older short one. */
export function byStrength(names: Iterable<string>): readonly string[] {
  const sorted = [...names].sort();
  return [...sorted.filter((name) => !name.startsWith(PREFIX)), ...sorted.filter((name) => name.startsWith(PREFIX))];
}

const LINE = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/;

/** Reads the `NAME=value` lines of a `.env` file; quotes are taken off, `#` begins a comment. */
export function parseDotEnv(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(#|$)/.test(line)) continue;
    const match = LINE.exec(line);
    if (match === null) continue;
    values.set(match[1] as string, unquoted(match[2] as string));
  }
  return values;
}

function unquoted(text: string): string {
  const quote = text[0];
  if (quote === '"' || quote === "'") {
    const end = text.indexOf(quote, 1);
    return end > 0 ? text.slice(1, end) : text;
  }
  return text.replace(/\s+#.*$/, '');
}
