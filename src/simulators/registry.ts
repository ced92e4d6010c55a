import { UsageError } from '../base/index.ts';
import { alpacaSimulator } from './alpaca/alpaca.ts';
import { binanceSimulator } from './binance/binance.ts';
import type { SimulatorDefinition } from './provider.ts';

/** One line per provider. */
export const SIMULATORS: readonly SimulatorDefinition[] = [alpacaSimulator, binanceSimulator];

/** @throws UsageError naming the providers that exist. */
export function findSimulator(name: string): SimulatorDefinition {
  const found = SIMULATORS.find((definition) => definition.name === name);
  if (found !== undefined) return found;
  const known = SIMULATORS.map((definition) => definition.name).join(', ');
  throw new UsageError(`There is no simulator "${name.slice(0, 40)}"; allowed: ${known}.`, { subject: 'name' });
}
