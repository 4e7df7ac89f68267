// Pages of a list that is in memory, in the order of its names. Pure.
import { z } from '@hono/zod-openapi';
import { parseCursor, toCursor } from './cursor.ts';

const CursorSchema = z.strictObject({ list: z.string(), after: z.string() });

type Asked = { limit: number; cursor?: string | undefined };

/** The elements after the cursor, by the name each goes by; `list` keeps cursors of one list out of another. */
export function pageOfList<Element>(
  list: string,
  elements: readonly Element[],
  nameOf: (element: Element) => string,
  { limit, cursor }: Asked,
): { items: Element[]; nextCursor: string | null } {
  const after =
    cursor === undefined
      ? undefined
      : parseCursor(
          cursor,
          CursorSchema.refine((given) => given.list === list),
        ).after;
  const ordered = elements.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const left = after === undefined ? ordered : ordered.filter((element) => nameOf(element) > after);
  const items = left.slice(0, limit);
  return { items, nextCursor: left.length > limit ? toCursor({ list, after: nameOf(items.at(-1)!) }) : null };
}

/** Whether a search finds one of the texts: every word, in whatever case. */
export function isFound(search: string | undefined, texts: readonly string[]): boolean {
  const words = (search ?? '').toLowerCase().split(/\s+/);
  const text = texts.join('\n').toLowerCase();
  return words.every((word) => text.includes(word));
}
