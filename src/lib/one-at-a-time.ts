/** Work that must not overlap. */

/** Runs what it is given one after the other, in the order asked; what fails holds nothing up behind it. */
export function oneAtATime(): <T>(run: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const result = last.then(run);
    last = result.catch(() => undefined);
    return result;
  };
}
