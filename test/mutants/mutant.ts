/** A semantic mutant: one change of meaning in one place, which a user would suffer from and a test must notice. */
export interface Mutant {
  /** What a user would suffer, as a sentence: "a post leaves although a flag was set since". Unique. */
  readonly name: string;
  readonly file: string; // repo-relative
  readonly find: string; // exact text that stands exactly once in the file; keep it short yet unique and stable
  readonly replace: string;
  /** Test files that guard it, run first. Without: those that vitest finds related to the file. */
  readonly tests?: readonly string[];
  /** Why nothing can notice it; absent: it must be killed. */
  readonly survives?: string;
}
