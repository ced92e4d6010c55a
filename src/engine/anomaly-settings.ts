import type { AnomalyThresholds } from '../quality/index.ts';

/** What the engine calls unusual, as plain JSON: part of the settings that a run keeps beside its tape. */
export interface AnomalySettings extends AnomalyThresholds {
  /** Silence in a session after which a symbol is stale. */
  readonly staleAfterS: number;
  /** Engine time in which a symbol has no second anomaly of one kind. */
  readonly coolDownS: number;
}

export const DEFAULT_ANOMALY_SETTINGS: AnomalySettings = {
  staleAfterS: 10,
  coolDownS: 60,
  priceZ: 10,
  priceLeastPct: 0.25,
  volumeZ: 6,
  volumeLeastRatio: 5,
  volumeWindowS: 10,
  spreadZ: 6,
  spreadLeastRatio: 5,
};
