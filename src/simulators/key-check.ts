import type { KeyCheck } from './provider.ts';

/** Takes one key (and secret), or any that is not empty where none is configured; none at all when `refusesAll`. */
export function keyCheck(wanted: string | undefined, wantedSecret: string | undefined, refusesAll: boolean): KeyCheck {
  return {
    accepts(key, secret) {
      if (refusesAll) return false;
      if (wanted === undefined) return key !== undefined && key !== '';
      return key === wanted && (wantedSecret === undefined || secret === undefined || secret === wantedSecret);
    },
  };
}
