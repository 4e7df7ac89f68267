// /admin/v1/keys/bulk and /admin/v1/keys.csv: many keys in and out. Law: nothing is made before every row has been found right.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { GatewayError, toGatewayError } from '../../core/platform/errors.ts';
import { authorOf } from '../access.ts';
import { problems } from '../openapi/document.ts';
import type { AdminVariables } from '../problem.ts';
import { idempotencyKey } from './conditions.ts';
import { expiryOf } from './key-change.ts';
import { KEYS_HEADER, keysCsvOf, newKeysOf } from './key-csv.ts';
import { CreatedKeySchema, type NewKeyInput, NewKeySchema } from './key-schemas.ts';
import { KeysQuerySchema, pageOfKeys } from './key-search.ts';
import { toKeyView } from './key-view.ts';
import { createMakeKey, type MakeKeyDependencies } from './make-key.ts';

const TAGS = ['keys'];
const MOST_ROWS = 100;
const AT_ONCE = 10;
const BULK_PATH = '/admin/v1/keys/bulk';

const ManySchema = z
  .strictObject({ keys: z.array(NewKeySchema).min(1, 'must have at least 1 row').max(MOST_ROWS, `must have at most ${MOST_ROWS} rows`) })
  .openapi('NewKeys', {
    example: {
      keys: [
        { name: 'Search team', monthlyBudget: '100', tags: ['search'] },
        { name: 'Night jobs', balance: '25.5', ttl: '30d' },
      ],
    },
  });
const RowSchema = z
  .object({
    row: z.int().openapi({ description: 'From 1, in the order that was sent.', example: 1 }),
    key: CreatedKeySchema.nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable().openapi({ description: 'Why there is no key.', example: null }),
  })
  .openapi('MadeRow');

/** A table becomes the JSON that it says, before anything looks at the body. */
export async function takeCsv(c: Context, next: () => Promise<void>): Promise<void> {
  const isCsv = c.req.path === BULK_PATH && c.req.header('content-type')?.startsWith('text/csv');
  if (!isCsv) return next();
  const keys = newKeysOf(await c.req.raw.clone().text());
  const headers = new Headers(c.req.raw.headers);
  headers.set('content-type', 'application/json');
  headers.delete('content-length');
  c.req.raw = new Request(c.req.url, { method: c.req.method, headers, body: JSON.stringify({ keys }) });
  await next();
}

export function addManyKeys(app: OpenAPIHono<AdminVariables>, dependencies: MakeKeyDependencies): void {
  const { keys, ledger, clock, once } = dependencies;
  const { make, checkBelonging } = createMakeKey(dependencies);

  /** What a schema cannot see, of every row. A secret that is taken by the rows of this very asking is no fault. */
  const check = async (inputs: NewKeyInput[], isRepeat: boolean) => {
    const secrets = inputs.flatMap(({ secret }) => (secret === undefined ? [] : [secret]));
    if (new Set(secrets).size < secrets.length)
      throw new GatewayError('invalid_value', 'Two rows have the same secret.', { param: 'keys' });
    for (const [index, input] of inputs.entries()) {
      try {
        expiryOf(input, clock());
        await checkBelonging(input);
        if (!isRepeat && input.secret !== undefined && (await keys.findBySecret(input.secret)))
          throw new GatewayError('conflict', 'That secret belongs to another key already.', { param: 'secret' });
      } catch (thrown) {
        const { code, message, details } = toGatewayError(thrown);
        throw new GatewayError(code, `Row ${index + 1}: ${message}`, { ...details, param: `keys.${index}.${details.param}` });
      }
    }
  };

  app.openapi(makeKeys, async (c) => {
    const { keys: inputs } = c.req.valid('json') as z.output<typeof ManySchema>;
    const body = (await c.req.json()) as { keys: unknown[] };
    const author = authorOf(c.get('principal'));
    const key = c.req.valid('header')['idempotency-key'];
    const placed = await once.place('bulk', { key, author, body });
    await check(inputs, placed.isDone || key !== undefined);
    const makeRow = async (input: NewKeyInput, index: number) => {
      // With a blank in it, so that it is nobody's Idempotency-Key.
      const asked = { author, idempotencyKey: key && `${key} row ${index}`, body: body.keys[index] };
      try {
        const { item, secret } = await make(input, asked);
        return { row: index + 1, key: { ...toKeyView(item, ledger.view(item), clock()), secret }, error: null };
      } catch (thrown) {
        const { code, message } = toGatewayError(thrown);
        return { row: index + 1, key: null, error: { code, message } };
      }
    };
    const items: Awaited<ReturnType<typeof makeRow>>[] = [];
    for (let start = 0; start < inputs.length; start += AT_ONCE) {
      items.push(...(await Promise.all(inputs.slice(start, start + AT_ONCE).map((input, index) => makeRow(input, start + index)))));
    }
    await placed.finish();
    return c.json({ items }, 201);
  });

  app.openapi(exportKeys, async (c) => {
    const query = c.req.valid('query');
    const { items, nextCursor } = await pageOfKeys(keys, query, clock());
    const csv = keysCsvOf(items.map((item) => toKeyView(item, ledger.view(item), clock())));
    const headers = { 'content-type': 'text/csv; charset=utf-8', 'content-disposition': 'attachment; filename="outcrop-keys.csv"' };
    const text = query.cursor === undefined ? KEYS_HEADER + csv : csv;
    return c.text(text, 200, nextCursor === null ? headers : { ...headers, 'x-outcrop-next-cursor': nextCursor });
  });
}

const EXPORTED_CSV = `${KEYS_HEADER}Search team,search@example.com,user,100,,,,,,search;production,claude-sonnet-4-5,8,false,,key_0Q2yYd7RkWcXn4uTfJb1Zs,sk-oc-AbCd…wxyz,12.5,12.5,0.25,87.25,2026-11-21T08:30:00.000Z,2026-11-21T08:30:00.000Z\r\n`;
const NEW_KEYS_CSV = 'name,monthlyBudget,balance,tags,ttl\r\nSearch team,100,,search;production,\r\nNight jobs,,25.5,,30d\r\n';

const json = <Schema extends z.ZodType>(schema: Schema) => ({ 'application/json': { schema } });

const makeKeys = createRoute({
  method: 'post',
  path: BULK_PATH,
  operationId: 'makeKeys',
  summary: 'Make up to 100 keys',
  description:
    'As JSON, or with the content type text/csv as a table with the columns of the export, lists separated by ";". Every row is checked first; if one is at fault, nothing is made. With an Idempotency-Key the same rows again make nothing new, and finish what broke off.',
  tags: TAGS,
  request: {
    headers: idempotencyKey,
    body: { required: true, content: { ...json(ManySchema), 'text/csv': { schema: z.string(), example: NEW_KEYS_CSV } } },
  },
  responses: {
    201: { description: 'What became of each row.', content: json(z.object({ items: z.array(RowSchema) })) },
    ...problems(400, 409, 413),
  },
});

const exportKeys = createRoute({
  method: 'get',
  path: '/admin/v1/keys.csv',
  operationId: 'exportKeys',
  summary: 'List keys as CSV',
  description:
    'Page by page: x-outcrop-next-cursor is the cursor of the next one, and only the first has the line of names, so that pages can be put behind one another. Columns keep their names and places.',
  tags: TAGS,
  request: { query: KeysQuerySchema },
  responses: {
    200: {
      description: 'RFC 4180, UTF-8.',
      headers: { 'x-outcrop-next-cursor': { description: 'Of the page that follows; none on the last.', schema: { type: 'string' } } },
      content: { 'text/csv': { schema: z.string(), example: EXPORTED_CSV } },
    },
    ...problems(400),
  },
});
