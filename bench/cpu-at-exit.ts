// Imported before a command that is measured (`node --import`): tells at its end, in a line on standard error, how much CPU
// time its main thread and all of its threads took, which wall-clock time on a shared machine does not.
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  process.on('exit', () => {
    const thread = process.threadCpuUsage();
    const all = process.cpuUsage();
    const cpu = { mainMs: (thread.user + thread.system) / 1_000, allMs: (all.user + all.system) / 1_000 };
    process.stderr.write(`\ncpu-at-exit ${JSON.stringify(cpu)}\n`);
  });
}
