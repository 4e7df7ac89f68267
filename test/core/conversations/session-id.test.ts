// The ids of sessions: where clients send them, and how owners are kept apart.
import { describe, expect, test } from 'vitest';
import { sessionIdOf, sessionKeyOf } from '../../../functions/core/conversations/session-id.ts';

const UUID = '5d3c1f0e-1b7a-4d8e-9f55-6a1d2f3b4c5d';
const inBody = (metadata: unknown) => sessionKeyOf(() => undefined, { metadata });

describe('the id of a session is found', () => {
  test.each([
    ['the header of the connector', { 'session-id': UUID }],
    ['the header with x-', { 'x-session-id': UUID }],
    ['the header of Claude Code', { 'x-claude-code-session-id': UUID }],
    ['the header of OpenCode', { 'x-session-affinity': UUID }],
    ['the header of Codex, which sends two', { 'session-id': UUID, 'thread-id': 'another' }],
    ['the header of older versions of Codex', { session_id: UUID, conversation_id: 'another' }],
    ['the other header of older versions of Codex', { conversation_id: UUID }],
    ['the header of Open WebUI', { 'x-openwebui-chat-id': UUID }],
    ['blanks around it', { 'session-id': ` ${UUID} ` }],
    ['an empty one before it', { 'session-id': ' ', 'x-session-id': UUID }],
  ])('%s', (_what, headers: Record<string, string>) => {
    expect(sessionKeyOf((name) => headers[name])).toBe(UUID);
  });

  test.each([
    ['JSON in user_id', { user_id: JSON.stringify({ device_id: 'd', session_id: UUID }) }],
    ['behind _session_ in user_id', { user_id: `user_0a1b_account__session_${UUID}` }],
    ['a session_id', { session_id: UUID }],
    ['a conversation_id', { conversation_id: UUID }],
  ])('in the metadata of the body: %s', (_what, metadata) => {
    expect(inBody(metadata)).toBe(UUID);
  });

  test('is not a key of the prompt cache, nor a user: an application has one for all of its chats', () => {
    expect(sessionKeyOf(() => undefined, { prompt_cache_key: 'app-v1', user: 'ada', metadata: {} })).toBeUndefined();
  });

  test('a header counts before the body', () => {
    expect(sessionKeyOf((name) => (name === 'session-id' ? 'header' : undefined), { metadata: { session_id: UUID } })).toBe('header');
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'text'],
    ['a user of no session', { user_id: 'ada' }],
    ['broken JSON', { user_id: '{"session_id":' }],
    ['a number', { user_id: 7, session_id: 7 }],
    ['a very long one', { session_id: 'x'.repeat(513) }],
    ['JSON null', { user_id: 'null' }],
  ])('no session: %s', (_what, metadata) => {
    expect(inBody(metadata)).toBeUndefined();
  });
});

describe('the id a session is kept by', () => {
  test('is the same for the same owner and id, and another for another owner or id', () => {
    const id = sessionIdOf('key_a', 'chat');
    expect(id).toMatch(/^ses_[0-9A-Za-z]{22}$/);
    expect(sessionIdOf('key_a', 'chat')).toBe(id);
    expect(new Set([id, sessionIdOf('key_b', 'chat'), sessionIdOf('key_a', 'chat2')]).size).toBe(3);
  });

  test('does not let an id pretend to be of another owner', () => {
    expect(sessionIdOf('key_a', 'b\nchat')).not.toBe(sessionIdOf('key_a\nb', 'chat2'));
  });
});
