// A story with the client that is generated from the OpenAPI document, compiled with the strictest types: that it compiles is half of the test.
// `client.ts` is made beside a copy of this file when the test runs.
// @ts-expect-error It is not here.
import * as client from './client.ts';

export async function tell(baseUrl: string, secret: string): Promise<string[]> {
  client.defaults.baseUrl = baseUrl;
  client.defaults.headers = { authorization: `Bearer ${secret}` };
  const told: string[] = [];

  const made = await client.createKey({ name: 'Story', monthlyBudget: '10', balance: '1', tags: ['story'] }, { idempotencyKey: 'story-1' });
  if (made.status !== 201) throw new Error(made.data.detail);
  const { id, secret: first } = made.data;
  told.push(`made ${made.data.name} ${first === null}`);

  const read = await client.readKey(id);
  const etag = (read as { headers?: Headers }).headers?.get('etag') ?? undefined;
  const changed = await client.changeKey(id, { monthlyBudget: '20' }, { ifMatch: etag });
  told.push(changed.status === 200 ? `changed to ${changed.data.monthlyBudget}` : changed.data.code);
  const late = await client.changeKey(id, { monthlyBudget: '30' }, { ifMatch: '"1"' });
  told.push(late.status === 412 ? late.data.code : 'not refused');

  const listed = await client.listKeys({ tag: 'story', limit: 10 });
  told.push(listed.status === 200 ? `listed ${listed.data.items.map(({ name }: { name: string }) => name)}` : listed.data.code);

  const rotated = await client.rotateKey(id, { grace: '1h' });
  told.push(rotated.status === 200 ? `rotated ${rotated.data.secret !== first}` : rotated.data.code);

  const paid = await client.recharge(id, { amount: '2.5', reason: 'Story' }, { idempotencyKey: 'story-2' });
  told.push(paid.status === 201 ? `paid ${paid.data.amount}` : paid.data.code);

  const stated = await client.readStatement({ keyId: id, granularity: 'month' });
  told.push(stated.status === 200 ? `stated ${stated.data.items.length}` : stated.data.code);

  const wrong = await client.createKey({ name: '' }, {});
  told.push(wrong.status === 400 ? `${wrong.data.code} ${wrong.data.errors?.[0]?.path}` : 'not refused');

  told.push(`deleted ${(await client.deleteKey(id, {})).status}`);
  const gone = await client.readKey(id);
  told.push(gone.status === 404 ? gone.data.code : 'still there');
  return told;
}
