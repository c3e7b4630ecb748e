/** Waiting before something is tried again. */

const LONGEST = 30_000;
const waiting = new Set<() => void>();

/** Wait after so many failures in a row: 1, 2, 4 … 30 s or `least` milliseconds, spread by a third, unless hurried. */
export function pause(failures: number, least = 0): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      waiting.delete(done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(least, Math.min(1000 * 2 ** (failures - 1), LONGEST) * (1 - Math.random() / 3)));
    waiting.add(done);
  });
}

/** Let all that wait try again at once. */
export function hurry(): void {
  waiting.forEach((done) => done());
}
