export type { Fault, FaultKind } from './fault-spec.ts';
export { FAULTS, parseFault } from './fault-spec.ts';
export type { SimulatorDefinition } from './provider.ts';
export { findSimulator, SIMULATORS } from './registry.ts';
export type { SimulatorOptions, StartRule } from './simulator.ts';
export { Simulator } from './simulator.ts';
export { SimulatorLog } from './simulator-log.ts';
export { SimulatedTape } from './tape.ts';
