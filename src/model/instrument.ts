import { TickloomError } from '../base/index.ts';

export type AssetClass = 'equity' | 'crypto' | 'forex' | 'index' | 'macro' | 'future';

/** What its bars are built from: executed trades, or the middle of bid and ask where a market prints no trades. */
export type BarBasis = 'trades' | 'mid';

/** A tradable or observable thing under its generic symbol. */
export interface Instrument {
  readonly symbol: string;
  readonly assetClass: AssetClass;
  /** Id of its trading calendar in the calendar registry. */
  readonly calendar: string;
  /** ISO 4217 or crypto code of the price. */
  readonly currency: string;
  readonly barBasis: BarBasis;
}

const SYMBOL = /^[A-Z0-9][A-Z0-9._-]{0,31}$/;

export function isSymbol(text: string): boolean {
  return SYMBOL.test(text);
}

/**
 * Generic form of a symbol as people write it: `BTC/USD`, `BTC-USD`, `BTC/USDT:USDT` and lower case are accepted.
 * @throws TickloomError `bad-symbol` naming what is allowed.
 */
export function normaliseSymbol(text: string): string {
  const upper = text.trim().toUpperCase();
  const pair = /^([A-Z0-9]{2,10})[/-]([A-Z]{3,5})(?::[A-Z]{3,5})?$/.exec(upper);
  const symbol = pair === null ? upper : `${pair[1]}${pair[2]}`;
  if (!SYMBOL.test(symbol)) {
    throw new TickloomError(
      'bad-symbol',
      `"${text.slice(0, 40)}" is no symbol: 1 to 32 of A-Z 0-9 . _ -, beginning with a letter or digit.`,
      {
        subject: 'symbol',
      },
    );
  }
  return symbol;
}

const FIAT = /^(USD|EUR|GBP|JPY|CHF|CAD|AUD|NZD|SEK|NOK|DKK|PLN|HUF|CZK|ZAR|MXN|TRY|CNH|SGD|HKD)$/;
const METALS = /^(XAU|XAG|XPT|XPD)USD$/;
const COINS = /^(BTC|ETH|SOL|XRP|ADA|DOGE|LTC|BNB|DOT|AVAX|LINK|MATIC|BCH)[A-Z0-9_]*$/;

/** Best guess of an instrument from its bare symbol, used where neither configuration nor source describes it. */
export function guessInstrument(symbol: string, overrides: Partial<Omit<Instrument, 'symbol'>> = {}): Instrument {
  return { symbol, ...guessKind(symbol), ...overrides };
}

function guessKind(symbol: string): Omit<Instrument, 'symbol'> {
  if (METALS.test(symbol)) return { assetClass: 'forex', calendar: 'forex', currency: 'USD', barBasis: 'mid' };
  if (symbol.length === 6 && FIAT.test(symbol.slice(0, 3)) && FIAT.test(symbol.slice(3))) {
    return { assetClass: 'forex', calendar: 'forex', currency: symbol.slice(3), barBasis: 'mid' };
  }
  if (COINS.test(symbol)) {
    return { assetClass: 'crypto', calendar: 'crypto', currency: 'USD', barBasis: 'trades' };
  }
  return { assetClass: 'equity', calendar: 'us-equity', currency: 'USD', barBasis: 'trades' };
}
