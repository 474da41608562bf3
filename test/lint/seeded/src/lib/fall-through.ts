// seeded: tsc TS7029
export function label(lane: 'page' | 'mail'): string {
  let text = '';
  switch (lane) {
    case 'page':
      text = 'page';
    case 'mail':
      text = 'mail';
  }
  return text;
}
