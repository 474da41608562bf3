/** Durations as Prometheus writes them: `90s`, `1h30m`, `2d`, `250ms`, `0`. In code a duration is milliseconds. */

/** Units in the order in which Prometheus demands them; `whole` units are written only when nothing is left over. */
const UNITS = [
  { unit: 'y', ms: 365 * 86_400_000, whole: true },
  { unit: 'w', ms: 7 * 86_400_000, whole: true },
  { unit: 'd', ms: 86_400_000, whole: false },
  { unit: 'h', ms: 3_600_000, whole: false },
  { unit: 'm', ms: 60_000, whole: false },
  { unit: 's', ms: 1000, whole: false },
  { unit: 'ms', ms: 1, whole: false },
] as const;

const SHAPE = new RegExp(`^${UNITS.map(({ unit }) => `(?:([0-9]+)${unit})?`).join('')}$`);

/**
 * Milliseconds of a Prometheus duration: whole numbers with the units y (365 d), w, d, h, m, s, ms, each at most once
 * and from large to small; `0` needs no unit. Null for everything else, signs, fractions and blanks included.
 * Grammar: https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations
 */
export function parseDuration(text: string): number | null {
  if (text === '0') return 0;
  const parts = text === '' ? null : SHAPE.exec(text);
  if (parts === null) return null;
  const ms = UNITS.reduce((sum, unit, i) => sum + Number(parts[i + 1] ?? 0) * unit.ms, 0);
  return Number.isSafeInteger(ms) ? ms : null;
}

/**
 * A duration as Prometheus prints it: `1h30m`, `8d`, `2w`, `0s`; what it returns can be parsed back.
 * @param ms milliseconds, not negative; fractions of a millisecond are dropped
 */
export function formatDuration(ms: number): string {
  let rest = Math.trunc(ms);
  let text = '';
  for (const { unit, ms: size, whole } of UNITS) {
    if (rest < size || (whole && rest % size !== 0)) continue;
    text += `${Math.floor(rest / size)}${unit}`;
    rest %= size;
  }
  return text === '' ? '0s' : text;
}
