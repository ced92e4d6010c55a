import { UsageError } from '../../base/index.ts';
import { parseTimeframe } from '../../model/index.ts';
import type { OpenProvider } from './history-job.ts';

/** Requests a day and a minute up to which a plan is too small for minutes. */
const FEW_A_DAY = 100;
const FEW_A_MINUTE = 5;

/** The timeframe that is meant by `auto`: minutes, or days where a plan has few requests. */
export function historyTimeframe(text: string, providers: readonly OpenProvider[]): string {
  if (text !== 'auto') return parseTimeframe(text).text;
  const isSmall = providers.some(({ adapter: { limits } }) => {
    const { perDay = Number.POSITIVE_INFINITY, perMinute = Number.POSITIVE_INFINITY } = limits;
    return perDay <= FEW_A_DAY || perMinute <= FEW_A_MINUTE;
  });
  const has = (lengthUs: number): boolean =>
    providers.some(({ adapter }) => adapter.history?.barLengthsUs.includes(lengthUs) === true);
  return isSmall || !has(parseTimeframe('1m').lengthUs) ? '1d' : '1m';
}

/** @throws UsageError for a timeframe that the engine does not build. */
export function checkIsBuilt(timeframe: string, built: readonly string[]): void {
  if (built.map((text) => parseTimeframe(text).text).includes(timeframe)) return;
  throw new UsageError(`timeframe: ${timeframe} is not built; allowed (bars.timeframes): ${built.join(', ')}.`, {
    subject: 'timeframe',
  });
}
