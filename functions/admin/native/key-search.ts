// Searches among keys: what may be asked for, and where the next page begins.
import { z } from '@hono/zod-openapi';
import { keyOf } from '../../core/access/key-item.ts';
import type { KeyStore } from '../../core/access/key-store.ts';
import { isPlace } from '../../core/access/list-keys.ts';
import { EXPIRED_REASON } from '../../core/ledger/refusal.ts';
import type { Item } from '../../core/store/client.ts';
import { pageQuery } from '../openapi/document.ts';
import { badCursor, parseCursor, toCursor } from './cursor.ts';
import { revocationOf } from './key-view.ts';
import { isFound } from './page-of-list.ts';

const STATES = ['active', 'revoked', 'expired'] as const;
const SORTS = ['createdAt', '-createdAt', 'name', '-name'] as const;
const NEWEST_FIRST = '-createdAt';
const LONGEST_SEARCH = 300;

const word = z.string('must be one text').min(1, 'must not be empty').max(LONGEST_SEARCH, `must have at most ${LONGEST_SEARCH} characters`);
const oneOf = (words: readonly string[]) => `must be one of ${words.join(', ')}`;

const filters = {
  q: word.optional().openapi({ description: 'Words that the name, the address or a tag holds, in whatever case.', example: 'search' }),
  email: word.optional().openapi({ description: 'Only of this address, in whatever case.', example: 'search@example.com' }),
  tag: word.optional().openapi({ description: 'Only with this tag.', example: 'production' }),
  groupId: word.optional().openapi({ description: 'Only of this group.' }),
  userId: word.optional().openapi({ description: 'Only of this user.' }),
  status: z.enum(STATES, oneOf(STATES)).optional().openapi({ description: 'revoked: for any reason but its end.' }),
  role: z.enum(['user', 'auditor', 'admin'], oneOf(['user', 'auditor', 'admin'])).optional(),
  sort: z
    .enum(SORTS, oneOf(SORTS))
    .optional()
    .openapi({ description: `Default: ${NEWEST_FIRST}, newest first.` }),
};

export const KeysQuerySchema = z.strictObject({ ...filters, ...pageQuery });
export type KeysQuery = z.output<typeof KeysQuerySchema>;

const FiltersSchema = z.strictObject(filters);
const CursorSchema = z.strictObject({ list: z.literal('keys'), after: z.string().refine(isPlace), asked: FiltersSchema });

/** A page, and the cursor of the next one, which keeps the question. */
export async function pageOfKeys(
  keys: KeyStore,
  { limit, cursor, ...named }: KeysQuery,
  now: number,
): Promise<{ items: Item[]; nextCursor: string | null }> {
  const place = cursor === undefined ? undefined : parseCursor(cursor, CursorSchema);
  const asked = place?.asked ?? named;
  const isSameQuestion = Object.entries(named).every(([name, value]) => asked[name as keyof typeof asked] === value);
  if (!isSameQuestion) throw badCursor();
  const { q, status, role, sort = NEWEST_FIRST, ...indexed } = asked;
  const isAsked = q !== undefined || status !== undefined;
  // Every word has to be there; the longest leads to the fewest keys.
  const longest = (q ?? '').split(/\s+/).reduce((one, word) => (word.length > one.length ? word : one), '');
  const search = longest === '' ? undefined : { text: longest, in: ['name', 'email', 'tag'] as const };
  const wants = (item: Item) => {
    const key = keyOf(item);
    const isOfState = status === undefined || statusOf(key, now) === status;
    return isOfState && isFound(q, [key.name, key.email ?? '', ...key.tags]);
  };
  const question = { ...indexed, role, search, sort, limit, after: place?.after, wants: isAsked ? wants : undefined };
  const { items, next } = await keys.listed(question);
  return { items, nextCursor: next === undefined ? null : toCursor({ list: 'keys', after: next, asked }) };
}

/** What is closed because its time is over is expired, whether or not a call has found that out. */
function statusOf(key: Parameters<typeof revocationOf>[0], now: number): (typeof STATES)[number] {
  const revocation = revocationOf(key, now);
  if (revocation === null) return 'active';
  return revocation.reason === EXPIRED_REASON ? 'expired' : 'revoked';
}
