import type { ActionContext } from '../options.ts';

export type CheckStatus = 'ok' | 'warning' | 'failed' | 'skipped';

/** What a check found. */
export interface Finding {
  readonly status: CheckStatus;
  readonly detail: string;
  /** What to do about it; only where there is something to do. */
  readonly fix?: string;
}

/** One thing the doctor looks at. A check changes nothing that lasts, and throws only for what it did not expect. */
export interface Check {
  readonly id: string;
  readonly section: string;
  look(context: ActionContext): Finding | Promise<Finding>;
}

export interface CheckResult extends Finding {
  readonly id: string;
  readonly section: string;
  readonly durationMs: number;
}

export function ok(detail: string): Finding {
  return { status: 'ok', detail };
}

export function skipped(detail: string): Finding {
  return { status: 'skipped', detail };
}

export function warning(detail: string, fix: string): Finding {
  return { status: 'warning', detail, fix };
}

export function failed(detail: string, fix: string): Finding {
  return { status: 'failed', detail, fix };
}
