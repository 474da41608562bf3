/** One demand of a suite: separate from the test runner, so that the suite itself can be tested on faulty adapters. */
export interface Check {
  readonly title: string;
  run(): void | Promise<void>;
}
