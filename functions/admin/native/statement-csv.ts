// Statements as CSV (RFC 4180). Law: the header never changes but by new columns at its end, and no cell is a formula to a spreadsheet. Pure.
import type { SeriesSchema } from './statement-schemas.ts';

type View = Zod<typeof SeriesSchema>;
type Zod<Schema extends { _output: unknown }> = Schema['_output'];

const COLUMNS = [
  ...['period', 'group', 'name', 'requests', 'errors', 'cancelled', 'estimated', 'cost_usd'],
  ...['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_5m_tokens', 'cache_write_1h_tokens'],
  ...['latency_mean_ms', 'latency_p50_ms', 'latency_p95_ms', 'latency_p99_ms', 'latency_max_ms', 'first_token_mean_ms'],
];

export const CSV_HEADER = `${COLUMNS.join(',')}\r\n`;

/** One line for each group and period. */
export function csvOf(series: View[]): string {
  const lines = series.flatMap(({ group, name, periods }) =>
    periods.map(({ period, requests, errors, cancelled, estimated, cost, tokens, latencyMs, firstTokenMs }) =>
      [
        ...[period, textCell(group), textCell(name), requests, errors, cancelled, estimated, cost],
        ...[tokens.input, tokens.output, tokens.cacheRead, tokens.cacheWrite5m, tokens.cacheWrite1h],
        ...[latencyMs.mean, latencyMs.p50, latencyMs.p95, latencyMs.p99, latencyMs.max, firstTokenMs.mean].map((value) => value ?? ''),
      ].join(','),
    ),
  );
  return lines.map((line) => `${line}\r\n`).join('');
}

/** A text that a spreadsheet would run begins with an apostrophe, also behind blanks. */
export function textCell(text: string | null): string {
  if (text === null) return '';
  const safe = /^\s*[=+\-@\t\r|%]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
