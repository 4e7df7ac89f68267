// Pages by limit and offset, as these clients ask for them. Law: every list is bounded, and `total` counts no further than its bound.
import { GatewayError } from '../../core/platform/errors.ts';

const LIMIT = 20;
const MOST = 200;
/** Of lists that are in memory: consoles ask for all models at once. */
export const MOST_IN_MEMORY = 1_000;

export type Asked = { limit: number; offset: number; q: string };

type Query = (name: string) => string | undefined;

/**
 * Nothing, 0 and what is no number is the default, as it was. `bound`: as far as the list can be counted; `most` rows a page, more where they
 * are in memory anyway.
 */
export function parsePage(query: Query, bound: number, most = MOST): Asked {
  const limit = Math.min(wholeOf(query('limit')) || LIMIT, most);
  const offset = wholeOf(query('offset'));
  if (offset > bound) throw new GatewayError('invalid_value', `offset must be at most ${bound}. Search for less instead.`);
  return { limit, offset, q: query('q') ?? '' };
}

export function pageOf<Row>(items: readonly Row[], total: number, { limit, offset }: Asked) {
  return { items, total: String(total), limit, offset };
}

export function slice<Value>(values: readonly Value[], { limit, offset }: Asked): Value[] {
  return values.slice(offset, offset + limit);
}

/** Whether a search finds one of the texts. */
export function isFound(q: string, texts: readonly (string | null)[]): boolean {
  const wanted = q.toLowerCase();
  return wanted === '' || texts.some((text) => text?.toLowerCase().includes(wanted));
}

function wholeOf(text: string | undefined): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : 0;
}
