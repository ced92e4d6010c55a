/**
 * Where the random entries beside a tracked position lie: a pure function of the series' name, the pattern and the bar
 * (no state, so that a revised bar draws the same again).
 */
export class RandomEntries {
  private readonly seed: number;

  constructor(series: string) {
    let hash = 0x811c9dc5;
    // FNV-1a over the UTF-16 units.
    for (let i = 0; i < series.length; i++) hash = Math.imul(hash ^ series.charCodeAt(i), 0x01000193);
    this.seed = hash;
  }

  /** Bars from the finding to the bar at whose close the random entry is decided: uniform from `horizon` to 4 `horizon`. */
  delay(pattern: number, ordinal: number, draw: number, horizon: number): number {
    let hash = mixed(this.seed ^ Math.imul(pattern + 1, 0x9e3779b1));
    hash = mixed(hash ^ Math.imul(ordinal + 1, 0x85ebca6b));
    hash = mixed(hash ^ Math.imul(draw + 1, 0xc2b2ae35));
    return horizon + Math.floor(((hash >>> 0) / 4_294_967_296) * (3 * horizon + 1));
  }
}

/** The finalizer of MurmurHash3 (Austin Appleby, public domain). */
function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
