import { decimal, flag, integer, section } from './schema-parts.ts';

/** Validation of events, and what is unusual about them. */
export const Quality = section('Validation of events.', {
  clock_skew_ms: integer('How far an event time may lie ahead of its receive time.', 5_000, 0, 3_600_000),
  stale_after_s: decimal('Silence in session after which a symbol is stale.', 10, 0.1, 86_400),
  anomalies: flag(
    'Say price and volume spikes, spread blow-outs, feeds that differ and stale symbols as alerts.',
    true,
  ),
  alert_cooldown_s: decimal('Time in which a symbol has no second such alert of one kind.', 60, 0, 86_400),
  price_spike_z: decimal('Robust standard deviations from which a price is a spike.', 10, 1, 1_000),
  price_spike_pct: decimal('Least move of a spike, in percent.', 0.25, 0.001, 100),
  volume_window_s: decimal('Length of the windows whose volumes are compared.', 10, 1, 3_600),
  volume_spike_z: decimal('Robust standard deviations of the logarithm from which a volume is a spike.', 6, 1, 1_000),
  volume_spike_ratio: decimal('Least multiple of the usual volume that is a spike.', 5, 1.1, 10_000),
  spread_z: decimal('Robust standard deviations of the logarithm from which a spread is a blow-out.', 6, 1, 1_000),
  spread_ratio: decimal('Least multiple of the usual spread that is a blow-out.', 5, 1.1, 10_000),
  gap_after_s: decimal('Silence in session after which the gap ledger gets an entry.', 600, 1, 86_400),
});
