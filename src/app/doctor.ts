import { styleText } from 'node:util';
import { systemClock } from '../host/index.ts';
import type { Check, CheckResult, CheckStatus, Finding } from './doctor/check.ts';
import { CONFIGURATION_CHECKS, SOURCE_CHECKS } from './doctor/configuration-checks.ts';
import { HISTORY_CHECKS } from './doctor/history-checks.ts';
import { NETWORK_CHECKS } from './doctor/network-checks.ts';
import { PROVIDER_CHECKS } from './doctor/provider-checks.ts';
import { RUNTIME_CHECKS } from './doctor/runtime-checks.ts';
import { STORAGE_CHECKS } from './doctor/storage-checks.ts';
import type { ActionContext, DoctorOptions } from './options.ts';

const CHECKS: readonly Check[] = [
  ...RUNTIME_CHECKS,
  ...CONFIGURATION_CHECKS,
  ...STORAGE_CHECKS,
  ...SOURCE_CHECKS,
  ...PROVIDER_CHECKS,
  ...HISTORY_CHECKS,
  ...NETWORK_CHECKS,
];

const MARKS = {
  ok: ['✓', 'green'],
  warning: ['!', 'yellow'],
  failed: ['✗', 'red'],
  skipped: ['·', 'gray'],
} as const;

/** Worst last. */
const BY_SEVERITY: readonly CheckStatus[] = ['skipped', 'ok', 'warning', 'failed'];

/** Looks at everything that the main job needs and says what is wrong and what to do. Status 1 only when something failed. */
export async function runDoctor(context: ActionContext, options: DoctorOptions): Promise<number> {
  const results: CheckResult[] = [];
  for (const check of CHECKS) results.push(await carryOut(check, context));
  const count = (status: CheckStatus): number => results.filter((result) => result.status === status).length;
  const summary = { ok: count('ok'), warning: count('warning'), failed: count('failed'), skipped: count('skipped') };
  if (options.json) {
    const checks = results.map(({ id, section, status, detail, fix, durationMs }) => ({
      id,
      section,
      status,
      detail,
      fix: fix ?? null,
      duration_ms: Math.round(durationMs * 10) / 10,
    }));
    context.stdout.write(`${JSON.stringify({ checks, summary }, undefined, 2)}\n`);
  } else {
    print(context, results);
    const warnings = `${summary.warning} ${summary.warning === 1 ? 'warning' : 'warnings'}`;
    context.stdout.write(`${summary.ok} ok, ${warnings}, ${summary.failed} failed\n`);
  }
  return summary.failed === 0 ? 0 : 1;
}

async function carryOut(check: Check, context: ActionContext): Promise<CheckResult> {
  const startedMs = systemClock.monotonicMs();
  const finding = await look(check, context);
  return { ...finding, id: check.id, section: check.section, durationMs: systemClock.monotonicMs() - startedMs };
}

/** A check that breaks is a finding of its own; the others are still made. */
async function look(check: Check, context: ActionContext): Promise<Finding> {
  try {
    return await check.look(context);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { status: 'failed', detail: `this could not be checked: ${reason}`, fix: 'See the message.' };
  }
}

function print(context: ActionContext, results: readonly CheckResult[]): void {
  const hasColour = context.useColour && (context.stdout as NodeJS.WriteStream).isTTY === true;
  const mark = (status: CheckStatus): string => {
    const [sign, colour] = MARKS[status];
    return hasColour ? styleText(colour, `[${sign}]`) : `[${sign}]`;
  };
  for (const section of new Set(results.map((result) => result.section))) {
    const own = results.filter((result) => result.section === section);
    const worst = BY_SEVERITY.findLast((status) => own.some((result) => result.status === status)) ?? 'skipped';
    context.stdout.write(`${mark(worst)} ${section}\n`);
    for (const { status, detail, fix } of own) {
      context.stdout.write(`    ${mark(status)} ${detail}\n`);
      if (fix !== undefined) context.stdout.write(`        fix: ${fix}\n`);
    }
  }
}
