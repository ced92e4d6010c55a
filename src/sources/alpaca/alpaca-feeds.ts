import { guessInstrument, type Instrument } from '../../model/index.ts';
import { choosePlan } from '../plan-choice.ts';

/** One of the provider's data feeds, chosen by `sources.alpaca.plan`. */
export interface AlpacaFeed {
  readonly streamPath: string;
  /** The same feed in history, where it has a name there. */
  readonly historyFeed?: string;
  readonly isCrypto: boolean;
  readonly maxSymbols: number;
  /** Requests a minute. */
  readonly perMinute: number;
  readonly defaultSymbols: readonly string[];
}

const STOCKS = ['SPY', 'AAPL'];
const FREE = { maxSymbols: 30, perMinute: 200 };
/** What ALPACA_REALTIME_ENABLED says of a plan. */
const REAL_TIME = { maxSymbols: 100, perMinute: 10_000 };
const PAID = { maxSymbols: 10_000, perMinute: 10_000 };

const FEEDS = {
  iex: { streamPath: '/v2/iex', historyFeed: 'iex', isCrypto: false, defaultSymbols: STOCKS, ...FREE },
  sip: { streamPath: '/v2/sip', historyFeed: 'sip', isCrypto: false, defaultSymbols: STOCKS, ...PAID },
  delayed_sip: { streamPath: '/v2/delayed_sip', historyFeed: 'sip', isCrypto: false, defaultSymbols: STOCKS, ...FREE },
  boats: { streamPath: '/v1beta1/boats', historyFeed: 'boats', isCrypto: false, defaultSymbols: STOCKS, ...PAID },
  overnight: { streamPath: '/v1beta1/overnight', isCrypto: false, defaultSymbols: STOCKS, ...PAID },
  crypto: { streamPath: '/v1beta3/crypto/us', isCrypto: true, defaultSymbols: ['BTCUSD', 'ETHUSD'], ...FREE },
  test: { streamPath: '/v2/test', isCrypto: false, defaultSymbols: ['FAKEPACA'], ...FREE },
} as const satisfies Readonly<Record<string, AlpacaFeed>>;

type FeedName = keyof typeof FEEDS;

export interface AlpacaPlan {
  readonly feed: AlpacaFeed;
  /** Binary frames instead of text. */
  readonly isMsgpack: boolean;
  /** The provider's own minute bars beside the trades. */
  readonly hasBars: boolean;
}

/**
 * @param isRealTime whether the subscription is one for streaming: its limits then, where the feed's own are lower
 * @throws UsageError naming the plans.
 */
export function alpacaPlan(text: string, isRealTime: boolean): AlpacaPlan {
  const { name, options } = choosePlan('alpaca', text, Object.keys(FEEDS) as FeedName[], ['msgpack', 'bars']);
  const own: AlpacaFeed = FEEDS[name];
  const feed = isRealTime && own.perMinute < REAL_TIME.perMinute ? { ...own, ...REAL_TIME } : own;
  return { feed, isMsgpack: options.has('msgpack'), hasBars: options.has('bars') };
}

const PAIR = /^([A-Z0-9]{2,10}?)(USDT|USDC|USD|BTC)$/;

/** The provider's form of a generic symbol on a feed. */
export function toAlpaca(symbol: string, feed: AlpacaFeed): string | undefined {
  if (feed.isCrypto) {
    const match = PAIR.exec(symbol);
    return match === null ? undefined : `${match[1]}/${match[2]}`;
  }
  const { assetClass } = guessInstrument(symbol);
  return assetClass === 'equity' && /^[A-Z][A-Z0-9.-]{0,11}$/.test(symbol) ? symbol.replace('-', '.') : undefined;
}

export function alpacaInstrument(symbol: string, feed: AlpacaFeed): Instrument {
  if (feed.isCrypto) {
    const currency = PAIR.exec(symbol)?.[2] ?? 'USD';
    return { symbol, assetClass: 'crypto', calendar: 'crypto', currency, barBasis: 'trades' };
  }
  // The test feed runs around the clock.
  const calendar = feed.streamPath === FEEDS.test.streamPath ? 'always' : 'us-equity';
  return guessInstrument(symbol, { assetClass: 'equity', calendar, currency: 'USD', barBasis: 'trades' });
}
