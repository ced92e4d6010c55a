import Type from 'typebox';
import { decimal, flag, integer, section } from './schema-parts.ts';

/** How history is fetched. */
export const Bootstrap = section('Fetching of history.', {
  on_start: flag(
    'Fetch history that is missing when a provider is started, beside the live collection (with clock: wall).',
    true,
  ),
  days: integer('How far back.', 90, 1, 3_650),
  timeframe: Type.String({
    description: 'Length of the bars: one of bars.timeframes; auto = 1m, or 1d where a plan has few requests a day.',
    default: 'auto',
    pattern: '^(auto|[1-9]\\d{0,3}(s|m|h|d|w|M))$',
  }),
  wait_s: decimal('Longest wait of a first start for bars that warm its features up.', 10, 0, 600),
});
