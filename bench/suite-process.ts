// One suite in a process of its own, so that what one leaves behind (compiled code, memory, threads) is not there for the
// next. Started by run.ts, which gets the result as a message.
import { SUITES } from './suites/index.ts';

const id = process.argv[2] ?? '';
const suite = SUITES[id];
if (suite === undefined || process.send === undefined) throw new Error(`no suite "${id}", or not started by run.ts`);
const result = await suite();
process.send(result, () => process.exit(0));
