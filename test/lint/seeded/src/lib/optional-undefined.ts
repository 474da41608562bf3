// seeded: tsc TS2375
export interface Note {
  readonly text?: string;
}

export function note(text: string | undefined): Note {
  return { text };
}
