/** Sizes as people write them: `512KB`, `1MB`, `4096`. In code a size is bytes. */

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1024,
  mb: 1024 ** 2,
  gb: 1024 ** 3,
};

/** Bytes of a size with the units B, KB, MB, GB (powers of 1024, any letter case), or null. */
export function parseByteSize(text: string): number | null {
  const parts = /^(\d{1,9})\s?([kmg]?b)?$/i.exec(text);
  if (parts === null) return null;
  return Number(parts[1]) * (UNITS[(parts[2] ?? '').toLowerCase()] ?? 1);
}

/** For sentences: `512 B`, `340 KB`, `1.2 GB`. */
export function formatByteSize(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** power;
  const text = value < 10 && power > 0 ? value.toFixed(1) : String(Math.round(value));
  return `${text} ${units[power]}`;
}
