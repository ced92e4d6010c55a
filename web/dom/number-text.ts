const formatters = new Map<string, Intl.NumberFormat>();

function formatter(minimumDigits: number, maximumDigits: number): Intl.NumberFormat {
  const key = `${minimumDigits}:${maximumDigits}`;
  let made = formatters.get(key);
  if (made === undefined) {
    made = new Intl.NumberFormat('en-US', {
      minimumFractionDigits: minimumDigits,
      maximumFractionDigits: maximumDigits,
    });
    formatters.set(key, made);
  }
  return made;
}

/** Stands for a value that does not exist. */
export const NO_VALUE = '–';

/** A number with exactly `digits` decimals, or a dash. */
export function fixed(value: number | null | undefined, digits: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NO_VALUE;
  return formatter(digits, digits).format(value);
}

/**
 * Decimals that a price needs: 2 for ordinary prices, pips and their tenths for forex, and for small prices like
 * 0.00000123 as many as show four leading digits. One symbol keeps its count, so that digits do not jump.
 */
export function priceDigits(price: number, assetClass: string): number {
  const size = Math.abs(price);
  if (!(size > 0)) return 2;
  if (assetClass === 'forex') return size >= 500 ? 2 : size >= 20 ? 3 : 5;
  if (size >= 20) return 2;
  if (size >= 1) return 4;
  return Math.min(10, 3 - Math.floor(Math.log10(size)));
}

/** Decimals for sizes and volumes: whole shares, fractions of coins. */
export function sizeDigits(assetClass: string | undefined): number {
  return assetClass === 'crypto' ? 4 : 0;
}

/** A signed number with its arrow, so that direction is told without colour: `▲ +1.20`. */
export function signed(value: number | null | undefined, digits: number, unit = ''): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NO_VALUE;
  const body = `${formatter(digits, digits).format(Math.abs(value))}${unit}`;
  if (Number(Math.abs(value).toFixed(digits)) === 0) return `■ ${body}`;
  return value > 0 ? `▲ +${body}` : `▼ −${body}`;
}

/** A large count in a few characters: 950, 12.4k, 3.1M. */
export function short(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NO_VALUE;
  const size = Math.abs(value);
  if (size >= 1e9) return `${formatter(1, 2).format(value / 1e9)}G`;
  if (size >= 1e6) return `${formatter(1, 2).format(value / 1e6)}M`;
  if (size >= 1e4) return `${formatter(1, 1).format(value / 1e3)}k`;
  return formatter(0, size >= 100 ? 0 : 2).format(value);
}

/** A size of memory. */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NO_VALUE;
  if (value >= 2 ** 30) return `${fixed(value / 2 ** 30, 2)} GiB`;
  if (value >= 2 ** 20) return `${fixed(value / 2 ** 20, 1)} MiB`;
  return `${fixed(value / 1024, 1)} KiB`;
}

/** A length of time from seconds: `0.4 ms`, `12 s`, `3 min`, `2 h 5 min`. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return NO_VALUE;
  if (seconds < 0.001) return `${fixed(seconds * 1e6, 0)} µs`;
  if (seconds < 1) return `${fixed(seconds * 1e3, seconds < 0.01 ? 2 : 0)} ms`;
  if (seconds < 120) return `${fixed(seconds, seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
