/** Waiting before something is tried again. */

const LONGEST = 30_000;

/** Return how long to wait after so many failures in a row, in milliseconds: 1, 2, 4 … 30 s, spread by a third. */
export function delay(failures: number): number {
  return Math.min(1000 * 2 ** (failures - 1), LONGEST) * (1 - Math.random() / 3);
}

/** Wait until the time is over, the browser is online again, or `signal` says that waiting is of no use any more. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      removeEventListener("online", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    addEventListener("online", done);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}
