import { decimal, flag, integer, section } from './schema-parts.ts';

/** When another source of the same symbols serves. */
export const Failover = section('Several sources of the same symbols: one serves a symbol, the others stand by.', {
  fail_back_after_s: decimal(
    'How long a source of higher priority must have been healthy before it serves again.',
    30,
    0,
    86_400,
  ),
  stall_s: decimal(
    'Silence of the source that serves, while another goes on, after which that one serves.',
    5,
    0.1,
    3_600,
  ),
  max_lag_s: decimal('How far a source may be behind the others, in event time, to serve again.', 2, 0.01, 3_600),
  start_grace_s: decimal('Wait at the start for sources of higher priority to connect.', 3, 0, 600),
});

/** What is compared between sources of the same symbols. */
export const Consensus = section('Several sources of the same symbols: what they say is compared (docs/sources.md).', {
  enabled: flag('Refuse a print that no other source confirms, and tell when feeds differ.', true),
  window_s: decimal('How far apart in event time two prices are still concurrent.', 2, 0.01, 600),
  min_prices: integer('Least concurrent prices of another source to judge a print by.', 5, 1, 32),
  tolerance_bps: decimal(
    'What a print may lie outside of their range in any case, in hundredths of a percent.',
    100,
    0.1,
    100_000,
  ),
  sigmas: decimal('What it may lie outside in robust standard deviations of their prices.', 8, 1, 1_000),
  hold_ms: integer('How long a doubtful print waits for another source to confirm it.', 500, 0, 60_000),
  divergence_bps: decimal('Distance between the medians of two sources that is told.', 50, 0.1, 100_000),
  divergence_s: decimal('How long they must differ.', 3, 0, 3_600),
});
