/** What `explain` found, as text. */
export function explainText(answer: unknown): string {
  return JSON.stringify(answer, null, 2);
}
