/** Exit status of a second Ctrl-C: the user did not want to wait for the drain. */
const FORCED = 130;

/** One Ctrl-C arrives twice under npm: from the terminal, and passed on by npm. Repeats within this time count as one. */
const SAME_PRESS_MS = 500;

/**
 * Turns the first Ctrl-C or SIGTERM into an orderly stop and the second into an immediate end.
 * Returns the signal to hand down and a function that takes the handlers off again, if there was no stop.
 */
export function listenForStop(stderr: NodeJS.WritableStream): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  let mayForce = false;
  const onSignal = (name: string): void => {
    if (controller.signal.aborted) {
      if (!mayForce) return;
      stderr.write('forced\n');
      process.exit(FORCED);
    }
    if (name === 'SIGINT') stderr.write('\ndraining, press again to force\n');
    setTimeout(() => {
      mayForce = true;
    }, SAME_PRESS_MS).unref();
    controller.abort(name);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    release() {
      // After a stop the process is about to end by itself: the second copy of the same Ctrl-C must not kill it on the way.
      if (controller.signal.aborted) return;
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
