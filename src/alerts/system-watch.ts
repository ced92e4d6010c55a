import type { AlertLevel } from './alert-rule.ts';

/** What is looked at to see whether the program itself is well. */
export interface SystemState {
  /** Symbols without news in session. */
  readonly staleSymbols: number;
  readonly openBreakers: number;
  /** How far engine time is behind the machine's. */
  readonly lagMs: number;
  /** Mean time of a batch in the slowest stage since the last look. */
  readonly slowestStage: { readonly name: string; readonly meanMs: number } | undefined;
  /** Undefined where it can not be told. */
  readonly diskFreeBytes: number | undefined;
}

/** Bounds; 0 turns a check off. */
export interface SystemBounds {
  readonly staleSymbols: number;
  readonly lagMs: number;
  readonly stageMs: number;
  readonly diskFreeMb: number;
  /** Looks in a row that a fault must be seen, or must be gone, before it is told. */
  readonly looks: number;
}

interface Check {
  readonly name: string;
  readonly level: AlertLevel;
  /** What is wrong, as a sentence; undefined when it is well. */
  fault(state: SystemState): string | undefined;
  readonly recovered: string;
}

/**
 * Tells of faults of the program itself: once when one lasts, and once when it is over. It is looked at on a cadence
 * that the caller keeps.
 */
export class SystemWatch {
  private readonly checks: readonly Check[];
  private readonly looks: number;
  private readonly tell: (level: AlertLevel, message: string) => void;
  private readonly state = new Map<string, { isRaised: boolean; streak: number }>();

  constructor(bounds: SystemBounds, tell: (level: AlertLevel, message: string) => void) {
    this.checks = checksOf(bounds);
    this.looks = bounds.looks;
    this.tell = tell;
  }

  look(state: SystemState): void {
    for (const check of this.checks) {
      const fault = check.fault(state);
      const known = this.state.get(check.name) ?? { isRaised: false, streak: 0 };
      known.streak = (fault !== undefined) === known.isRaised ? 0 : known.streak + 1;
      if (known.streak >= this.looks) {
        known.isRaised = !known.isRaised;
        known.streak = 0;
        this.tell(fault === undefined ? 'LOW' : check.level, fault ?? check.recovered);
      }
      this.state.set(check.name, known);
    }
  }
}

function checksOf(bounds: SystemBounds): readonly Check[] {
  const checks: readonly (Check & { readonly bound: number })[] = [
    {
      name: 'stale',
      bound: bounds.staleSymbols,
      level: 'HIGH',
      fault: ({ staleSymbols }) =>
        staleSymbols >= bounds.staleSymbols ? `Stale data: ${staleSymbols} symbols without news in session` : undefined,
      recovered: 'Stale data: over',
    },
    {
      name: 'breaker',
      bound: 1,
      level: 'HIGH',
      fault: ({ openBreakers }) =>
        openBreakers > 0 ? `Open breaker: ${openBreakers} sources are not asked` : undefined,
      recovered: 'Open breaker: closed again',
    },
    {
      name: 'lag',
      bound: bounds.lagMs,
      level: 'MEDIUM',
      fault: ({ lagMs }) =>
        lagMs > bounds.lagMs ? `Latency: ${Math.round(lagMs)} ms behind, target ${bounds.lagMs} ms` : undefined,
      recovered: 'Latency: within its target again',
    },
    {
      name: 'stage',
      bound: bounds.stageMs,
      level: 'MEDIUM',
      fault: ({ slowestStage: stage }) =>
        stage !== undefined && stage.meanMs > bounds.stageMs
          ? `Slow stage: ${stage.name} takes ${stage.meanMs.toFixed(1)} ms a batch, target ${bounds.stageMs} ms`
          : undefined,
      recovered: 'Slow stage: within its target again',
    },
    {
      name: 'disk',
      bound: bounds.diskFreeMb,
      level: 'CRITICAL',
      fault: ({ diskFreeBytes: free }) =>
        free !== undefined && free < bounds.diskFreeMb * 1_048_576
          ? `Low disk: ${Math.floor(free / 1_048_576)} MB free, least ${bounds.diskFreeMb} MB`
          : undefined,
      recovered: 'Low disk: enough is free again',
    },
  ];
  return checks.filter(({ bound }) => bound > 0);
}
