// The switches of the chat's translation, as they are read from the environment.
import { expect, test } from 'vitest';
import { CHAT_VARIABLES, type ChatSettings, readChatSettings } from '../../../functions/core/platform/environment.ts';

const DEFAULTS: ChatSettings = { strict: false, promptCaching: 'explicit', sendsUser: false, fetchesMedia: false };

test.each<[Record<string, string>, Partial<ChatSettings>]>([
  [{}, {}],
  [Object.fromEntries(CHAT_VARIABLES.map((name) => [name, ''])), {}],
  [{ OUTCROP_STRICT: 'on' }, { strict: true }],
  [{ OUTCROP_PROMPT_CACHING: 'auto' }, { promptCaching: 'auto' }],
  [{ OUTCROP_SEND_USER: 'on' }, { sendsUser: true }],
  [{ OUTCROP_FETCH_MEDIA: 'on' }, { fetchesMedia: true }],
])('%j', (environment, changed) => {
  expect(readChatSettings(environment)).toEqual({ ...DEFAULTS, ...changed });
});

test.each(CHAT_VARIABLES)('%s is refused when it is another word', (name) => {
  expect(() => readChatSettings({ [name]: 'yes' })).toThrow(`${name} is "yes"; it must be one of`);
});
