/** Digits of five bits; the sixth says that more follow. */
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const BITS = 5;
const BASE = 1 << BITS;

/**
 * Sets of integer ids by exchange as text: exchange, number of runs, and for each run of consecutive ids its distance
 * from the end of the one before (`!` before a negative one; after `~` the first id itself, where the distance is beyond
 * 2^53) and its length, in base 32 with the low digits first. A snapshot may hold a million ids: as numbers of JSON they
 * took most of the time that the engine stood still.
 */
export function writeIdRuns(byExchange: ReadonlyMap<number, readonly number[]>): string {
  let text = '';
  for (const [exchange, unsorted] of [...byExchange].sort(([a], [b]) => a - b)) {
    const ids = Float64Array.from(unsorted).sort();
    let runs = '';
    let count = 0;
    let end = 0;
    for (let from = 0; from < ids.length; ) {
      let to = from + 1;
      while (to < ids.length && (ids[to] as number) === (ids[to - 1] as number) + 1) to++;
      const first = ids[from] as number;
      const distance = first - end;
      runs += (Number.isSafeInteger(distance) ? signed(distance) : `~${signed(first)}`) + written(to - from);
      end = (ids[to - 1] as number) + 1;
      count++;
      from = to;
    }
    text += written(exchange) + written(count) + runs;
  }
  return text;
}

/** Reads what {@link writeIdRuns} wrote, run by run. */
export function readIdRuns(text: string, onRun: (exchange: number, first: number, count: number) => void): void {
  let at = 0;
  const read = (): number => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const digit = DIGITS.indexOf(text.charAt(at++));
      value += (digit % BASE) * scale;
      if (digit < BASE) return value;
      scale *= BASE;
    }
  };
  while (at < text.length) {
    const exchange = read();
    let end = 0;
    for (let left = read(); left > 0; left--) {
      const isWhole = text.charAt(at) === '~';
      if (isWhole) at++;
      const isBelow = text.charAt(at) === '!';
      if (isBelow) at++;
      const distance = isBelow ? -read() : read();
      const first = isWhole ? distance : end + distance;
      const count = read();
      onRun(exchange, first, count);
      end = first + count;
    }
  }
}

function signed(value: number): string {
  return value < 0 ? `!${written(-value)}` : written(value);
}

function written(value: number): string {
  let text = '';
  let rest = value;
  while (rest >= BASE) {
    text += DIGITS.charAt(BASE + (rest % BASE));
    rest = Math.floor(rest / BASE);
  }
  return text + DIGITS.charAt(rest);
}
