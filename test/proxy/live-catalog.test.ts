// What administrators set, as clients of the running gateway meet it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parsePricePerMillion, parseUsd } from '../../functions/core/platform/money.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const body = (model: string) => ({ model, max_tokens: 50, messages: [{ role: 'user', content: 'Hello' }] });
const modelsOf = async (secret: string) => {
  const answer = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${secret}` } });
  return ((await answer.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
};

test('a mapped name is listed, answers by the name the client used, and costs what was set for its model', async () => {
  const { id, secret } = await gateway.makeKey();
  expect((await gateway.chat(secret, body('gpt-4o'))).status).toBe(404);
  await gateway.admin('PUT', '/mappings/gpt-4o', { to: 'claude-sonnet-4-5' });
  const set = await gateway.admin('POST', '/prices', { model: 'claude-sonnet-4-5', input: '0.000123', output: '7' });

  expect(await modelsOf(secret)).toContain('gpt-4o');
  const answer = await gateway.chat(secret, body('gpt-4o'));
  expect(await answer.json()).toMatchObject({ model: 'gpt-4o' });

  const [entry] = await gateway.journalOf(id);
  expect(entry).toMatchObject({ model: 'claude-sonnet-4-5', priceVersion: set.json.id, rates: { input: '0.000123', output: '7' } });
  const rates = Object.entries(entry!.rates as Record<string, string>);
  const reckoned = rates.reduce((sum, [kind, rate]) => sum + BigInt(entry!.usage[kind]!) * parsePricePerMillion(rate)!, 0n);
  expect(parseUsd(entry!.cost)).toBe(reckoned);
});

test('a key that may call one model may call it by its mapped name, and a key that may call the name may call only that', async () => {
  await gateway.admin('PUT', '/mappings/house-model', { to: 'nova-pro' });
  const byModel = await gateway.makeKey({ models: ['nova-pro'] });
  const byName = await gateway.makeKey({ models: ['house-model'] });
  const other = await gateway.makeKey({ models: ['nova-lite'] });
  const statusOf = async ({ secret }: { secret: string }, model: string) => (await gateway.chat(secret, body(model))).status;
  expect([await statusOf(byModel, 'house-model'), await statusOf(byModel, 'nova-pro')]).toEqual([200, 200]);
  expect([await statusOf(byName, 'house-model'), await statusOf(byName, 'nova-pro')]).toEqual([200, 403]);
  expect(await statusOf(other, 'house-model')).toBe(403);
  expect(await modelsOf(byName.secret)).toEqual(['house-model']);
  expect((await modelsOf(byModel.secret)).toSorted()).toEqual(['house-model', 'nova-pro']);
});

test('a disabled model is not listed and not found', async () => {
  const { secret } = await gateway.makeKey();
  await gateway.admin('PUT', '/models/nova-micro', { enabled: false });
  expect(await modelsOf(secret)).not.toContain('nova-micro');
  for (const name of ['nova-micro', 'us.amazon.nova-micro-v1:0']) expect((await gateway.chat(secret, body(name))).status).toBe(404);
});

test('a model made here is sent the limits it was given', async () => {
  await gateway.admin('PUT', '/models/short', { base: 'claude-sonnet-4-5', limits: { maxOutputTokens: 20, defaultMaxTokens: 20 } });
  const { secret } = await gateway.makeKey();
  const answer = await gateway.chat(secret, { model: 'short', messages: [{ role: 'user', content: 'write 900 words' }] });
  const { usage, choices } = (await answer.json()) as { usage: { completion_tokens: number }; choices: { finish_reason: string }[] };
  expect([usage.completion_tokens <= 20, choices[0]!.finish_reason]).toEqual([true, 'length']);
});
