// Logging on a whole local gateway: what lies in its folder afterwards, at each level, and what never stands in the process log.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { startRelayGateway } from '../support/relay-gateway.ts';

const WORDS = 'the-secret-recipe-of-my-grandmother';
const MODEL = 'nova-micro';

let gateway: Gateway;
afterEach(() => gateway.close());

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Files that hold the words: those of the database, which may be compressed, are looked at as they are written, uncompressed, in its log. */
const filesWith = (text: string) => filesIn(gateway.folder).filter((path) => readFileSync(path).includes(text));

async function chatAndEnd(secret: string, headers: Record<string, string> = {}, content = WORDS): Promise<void> {
  const init = { headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', ...headers } };
  for (const stream of [false, true]) {
    const answer = await gateway.chat(secret, { model: MODEL, stream, messages: [{ role: 'user', content }] }, init);
    expect(answer.status).toBe(200);
    await answer.text();
  }
}

describe('in the data folder', () => {
  test('there is nothing of a conversation when logging is off, not even that there was one', async () => {
    gateway = await startGateway({ logging: 'off' });
    const { id, secret } = await gateway.makeKey();
    await chatAndEnd(secret, { 'session-id': 'the-session-of-my-grandmother' });
    await gateway.settled();
    expect(filesWith(WORDS)).toEqual([]);
    expect(filesWith('the-session-of-my-grandmother')).toEqual([]);
    expect((await gateway.admin('GET', `/threads?keyId=${id}`)).json.items).toEqual([]);
    expect(await gateway.journalOf(id)).toHaveLength(2);
  });

  test('there is no word of what was said when only metadata is logged', async () => {
    gateway = await startGateway({ logging: 'metadata' });
    const { id, secret } = await gateway.makeKey();
    await chatAndEnd(secret, { 'session-id': 's' });
    await gateway.settled();
    expect(filesWith(WORDS)).toEqual([]);
    expect((await gateway.admin('GET', `/threads?keyId=${id}`)).json.items).toHaveLength(2);
  });

  test('there is all of it when it is logged in full; a long one is a file of its owner alone', async () => {
    gateway = await startGateway({ logging: 'full' });
    const { secret } = await gateway.makeKey();
    await chatAndEnd(secret);
    await gateway.settled();
    expect(filesWith(WORDS)).not.toEqual([]);
    await chatAndEnd(secret, {}, `${WORDS}${' and more'.repeat(20_000)}`);
    await gateway.settled();
    const texts = filesIn(join(gateway.folder, 'bodies'));
    expect(texts).toHaveLength(2);
    for (const path of texts) expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(gateway.logs.join('\n')).not.toContain(WORDS);
  });
});

test('a session groups chats, completions and embeddings of one key, and not of another', async () => {
  gateway = await startGateway({ logging: 'full' });
  const [mine, theirs] = [await gateway.makeKey(), await gateway.makeKey()];
  await chatAndEnd(mine.secret, { 'x-session-id': 'same' });
  await chatAndEnd(theirs.secret, { 'x-session-id': 'same' });
  const headers = { authorization: `Bearer ${mine.secret}`, 'content-type': 'application/json', 'session-id': 'same' };
  const post = async (path: string, body: object) =>
    (await fetch(`${gateway.url}/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).status;
  expect(await post('completions', { model: MODEL, prompt: ['one', 'two'] })).toBe(200);
  expect(await post('embeddings', { model: 'titan-embed-text-v2', input: WORDS })).toBe(200);
  await gateway.settled();
  const { items } = (await gateway.admin('GET', `/sessions?keyId=${mine.id}`)).json as unknown as { items: Record<string, unknown>[] };
  const entries = await gateway.journalOf(mine.id);
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({ sessionKey: 'same', threads: 5, title: WORDS });
  const sum = entries.reduce((total, { cost }) => total + Number(cost), 0);
  expect(Number(items[0]!.cost)).toBeCloseTo(sum, 12);
  const threads = (await gateway.admin('GET', `/threads?keyId=${mine.id}`)).json.items as unknown as {
    id: string;
    kind: string;
    prompt: string | null;
  }[];
  expect(threads.map(({ id }) => id).sort()).toEqual(entries.map(({ requestId }) => requestId).sort());
  expect(threads.find(({ kind }) => kind === 'embedding')?.prompt).toBeNull();
});

test('a relayed call of a key that is logged in full is a thread with what was asked and what was answered, whole and streamed', async () => {
  const relaying = await startRelayGateway();
  gateway = relaying;
  const { id, secret } = await relaying.makeKey({ logging: 'full' });
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: [{ type: 'text', text: WORDS }] },
  ];
  const answers: string[] = [];
  for (const stream of [false, true]) {
    answers.push(await (await relaying.post(secret, '/v1/chat/completions', { model: 'team/echo', stream, messages })).text());
  }
  await relaying.settled();
  const { items } = (await relaying.admin('GET', `/threads?keyId=${id}`)).json as unknown as { items: { id: string }[] };
  const said = JSON.parse(answers[0]!).choices[0].message.content;
  expect(said).not.toBe('');
  for (const item of items) {
    const thread = (await relaying.admin('GET', `/threads/${item.id}`)).json as unknown as Record<string, unknown>;
    expect(thread).toMatchObject({ prompt: WORDS, completion: said, texts: { system: 'Be brief.', isCut: false } });
  }
  expect(items).toHaveLength(2);
});

test('a relayed call is a thread of its session too, without a word of what was said', async () => {
  const relaying = await startRelayGateway();
  gateway = relaying;
  const { id, secret } = await relaying.makeKey({ logging: 'metadata' });
  for (const stream of [false, true]) {
    const body = { model: 'team/echo', stream, messages: [{ role: 'user', content: WORDS }], metadata: { session_id: 'relayed' } };
    await (await relaying.post(secret, '/v1/chat/completions', body)).text();
  }
  await relaying.settled();
  const { items } = (await relaying.admin('GET', `/threads?keyId=${id}`)).json as unknown as { items: Record<string, unknown>[] };
  const entries = await relaying.journalOf(id);
  expect(items.map(({ id, cost }) => [id, cost]).sort()).toEqual(entries.map(({ requestId, cost }) => [requestId, cost]).sort());
  for (const item of items) expect(item).toMatchObject({ kind: 'chat', model: 'team/echo', status: 'succeeded', prompt: null });
  const sessions = (await relaying.admin('GET', `/sessions?keyId=${id}`)).json.items as unknown as object[];
  expect(sessions).toMatchObject([{ sessionKey: 'relayed', threads: 2, title: null }]);
  expect(filesWith(WORDS)).toEqual([]);
});
