/** The log: pino with the injected clock, every line redacted by value before it leaves the process. */
import { pino } from 'pino';
import type { Log } from '../../contract/adapter.ts';
import type { LogLevel } from '../../lib/log-level.ts';
import type { Clock } from '../clock.ts';
import type { Redactor } from './redact.ts';

export interface LogOptions {
  readonly level: LogLevel;
  readonly clock: Pick<Clock, 'now'>;
  readonly redactor: Redactor;
  /** Takes one line with its line break. */
  readonly write: (line: string) => void;
}

/** A token of our own, of which only the hash is known: it is recognised by its form. */
const TOKEN = /tcs_([0-9a-f]{12})_[\w-]+/gi;

/** A log whose lines are JSON; errors under `error` keep their stack. */
export function createLog(options: LogOptions): Log {
  const { clock, redactor, write } = options;
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":${clock.now()}`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err },
    },
    { write: (line: string) => write(redactor.redact(line).replace(TOKEN, 'tcs_$1_[secret]')) },
  );
  return {
    debug: (fields, message) => {
      if (!logger.isLevelEnabled('debug')) return;
      logger.debug(typeof fields === 'function' ? (fields() as object) : fields, message);
    },
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}
