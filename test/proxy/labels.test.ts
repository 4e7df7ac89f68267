// What clients write on calls for their own books, over HTTP and on every kind of call: it is in the event of the call.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RelayGateway, startRelayGateway } from '../support/relay-gateway.ts';

let gateway: RelayGateway;
let secret: string;
beforeAll(async () => {
  gateway = await startRelayGateway();
  ({ secret } = await gateway.makeKey({ monthlyBudget: null }));
});
afterAll(() => gateway.close());

const messages = [{ role: 'user', content: 'Hello' }];

test.each<[string, string, object]>([
  ['a chat', '/v1/chat/completions', { model: 'claude-haiku-4-5', messages }],
  ['a stream', '/api/providers/openai/v1/chat/completions', { model: 'claude-haiku-4-5', messages, stream: true }],
  ['a completion', '/api/v1/completions', { model: 'claude-haiku-4-5', prompt: 'Hello' }],
  ['vectors', '/api/v1/embeddings', { model: 'titan-embed-text-v2', input: 'Hello' }],
  ['a relayed chat', '/v1/chat/completions', { model: 'team/echo', messages }],
  ['a relayed stream', '/v1/chat/completions', { model: 'team/echo', messages, stream: true }],
])('%s at %s', async (id, path, body) => {
  const headers = { authorization: `Bearer ${secret}`, 'x-custom-event-id': id, 'x-metadata': JSON.stringify({ id }) };
  const answer = await fetch(`${gateway.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  expect([answer.status, (await answer.text()).length > 0]).toEqual([200, true]);
  const now = Math.ceil(Date.now() / 1_000);
  const events = await fetch(`${gateway.url}/api/v2/events`, {
    method: 'POST',
    headers: { 'x-api-key': gateway.masterKey },
    body: JSON.stringify({ start: now - 600, end: now + 1, limit: 1 }),
  });
  expect(await events.json()).toMatchObject({ events: [{ custom_id: id, metadata: { id }, status: 200 }] });
});
