// seeded: oxlint typescript(switch-exhaustiveness-check)
type Phase = 'triage' | 'investigating' | 'resolved';

export function label(phase: Phase): string {
  let text = '';
  switch (phase) {
    case 'triage':
      text = 'new';
      break;
    case 'investigating':
      text = 'open';
      break;
  }
  return text;
}
