// Models over a knowledge base in the native API: what may be set, and what is shown.
import { expect, test } from 'vitest';
import { createAdmin } from '../support/admin.ts';
import { createMemoryStore } from '../support/memory-store.ts';

const admin = createAdmin(createMemoryStore());
const KNOWLEDGE = { id: 'KB12345678', region: 'eu-west-1' };
const put = (name: string, body: object) => admin.ask('PUT', `/admin/v1/models/${name}`, body);

test('one is made, shown, kept by changes of other fields, moved, and taken off by null', async () => {
  const made = await put('handbook', { base: 'claude-3-haiku', knowledgeBase: { id: 'KB12345678' } });
  expect([made.status, made.json]).toMatchObject([201, { knowledgeBase: { id: 'KB12345678', region: null }, base: 'claude-3-haiku' }]);
  const patch = async (body: object) => (await admin.ask('PATCH', '/admin/v1/models/handbook', body)).json;
  expect(await patch({ displayName: 'The handbook' })).toMatchObject({ knowledgeBase: { id: 'KB12345678' }, displayName: 'The handbook' });
  expect(await patch({ knowledgeBase: KNOWLEDGE })).toMatchObject({ knowledgeBase: KNOWLEDGE });
  expect(await patch({ knowledgeBase: null })).toMatchObject({ knowledgeBase: null, displayName: 'The handbook' });
  expect((await admin.ask('GET', '/admin/v1/models/claude-3-haiku')).json).toMatchObject({ knowledgeBase: null });
});

test.each([
  ['own', { base: 'claude-3-haiku', knowledgeBase: { id: 'short' } }, 'knowledgeBase.id must be the ID of a knowledge base'],
  ['own', { base: 'claude-3-haiku', knowledgeBase: { region: null } }, 'knowledgeBase.id is required'],
  [
    'own',
    { base: 'claude-3-haiku', knowledgeBase: { ...KNOWLEDGE, region: 'evil.example.com/' } },
    'knowledgeBase.region must be a Region',
  ],
  ['own', { base: 'claude-3-haiku', knowledgeBase: { ...KNOWLEDGE, top: 3 } }, 'knowledgeBase'],
  ['own', { base: 'titan-embed-text-v2', knowledgeBase: KNOWLEDGE }, 'needs a base that answers chats through Converse'],
  ['claude-3-haiku', { knowledgeBase: KNOWLEDGE }, 'claude-3-haiku is shipped'],
])('%s with %j is refused', async (name, body, words) => {
  const { status, text } = await put(name, body);
  expect([status, text]).toEqual([400, expect.stringContaining(words)]);
  expect((await admin.ask('GET', '/admin/v1/models/own')).status).toBe(404);
});
