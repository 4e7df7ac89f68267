// The log as a port. Lines carry ids, codes and counts; never a secret, a prompt or an upstream body.

export type Log = {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
};

const SECRET = /(sk-[A-Za-z0-9_-]{4})[A-Za-z0-9_-]{6,}/g;

/** A log of JSON lines, one object each, anything that looks like a key cut short. */
export function createLog(write: (line: string) => void, fixed: Record<string, unknown> = {}): Log {
  const line =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}) =>
      write(JSON.stringify({ level, message, ...fixed, ...fields }, readable).replace(SECRET, '$1…'));
  return { info: line('info'), warn: line('warn'), error: line('error') };
}

/** Errors have no enumerable fields and bigints no JSON: say the useful part of each. */
function readable(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (!(value instanceof Error)) return value;
  return { name: value.name, message: value.message, stack: value.stack, cause: value.cause };
}
