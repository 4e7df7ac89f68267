// What an administrator writes about relays, and every slip of the pen told with its field.
import { describe, expect, it, test } from 'vitest';
import { parseRelaySettings } from '../../../functions/core/turn/relay-settings.ts';

const UP = { baseUrl: 'https://api.example.com/v1/', key: 'env:KEY' };
const MODEL = {
  relay: 'up',
  target: 'gpt',
  contextTokens: 1_000,
  maxOutputTokens: 100,
  price: { input: '1.25', output: '10', cacheRead: '0.125' },
};
const parse = (relay: object = {}, model: object = {}) =>
  parseRelaySettings(JSON.stringify({ relays: { up: { ...UP, ...relay } }, models: { name: { ...MODEL, ...model } } }));

test('a relay and its model become what the rest of the gateway knows', () => {
  const { upstreams, models } = parse({ headers: { 'X-Team': 'a' } }, { aliases: ['other'], paths: ['responses'] });
  expect(upstreams.get('up')).toEqual({
    name: 'up',
    baseUrl: 'https://api.example.com/v1',
    auth: 'bearer',
    key: 'env:KEY',
    apiVersion: null,
    region: null,
    headers: { 'x-team': 'a' },
  });
  const [{ model, price } = { model: undefined, price: undefined }] = models;
  expect(model).toMatchObject({
    name: 'name',
    aliases: ['other'],
    transport: 'relay',
    target: 'up/gpt',
    limits: { contextTokens: 1_000, maxOutputTokens: 100, defaultMaxTokens: 50 },
    relay: { name: 'up', model: 'gpt', maxTokensField: 'max_completion_tokens', paths: ['responses'] },
  });
  expect(price).toMatchObject({ input: 1_250_000n, output: 10_000_000n, cacheRead: 125_000n, cacheWrite1h: 1_250_000n });
  expect(price!.version).toMatch(/^relays\.[0-9a-f]{8}$/);
});

test('nothing is no relays, and a model without a price has none', () => {
  expect(parseRelaySettings('').models).toEqual([]);
  expect(parseRelaySettings('{}').upstreams.size).toBe(0);
  expect(parse({}, { price: undefined }).models[0]!.price).toBeNull();
});

test('the rates of a long context are read', () => {
  const price = { ...MODEL.price, longContext: { fromInputTokens: 200, input: '2.5', output: '15' } };
  expect(parse({}, { price }).models[0]!.price!.longContext).toMatchObject({
    fromInputTokens: 200,
    rates: { input: 2_500_000n, cacheRead: 2_500_000n },
  });
});

describe('a key goes over https, or does not leave the machine', () => {
  it.each(['https://example.com/v1', 'http://localhost:1/v1', 'http://127.0.0.1/v1', 'http://127.9.9.9/v1', 'http://[::1]:8080/v1'])(
    '%s',
    (baseUrl) => {
      expect(() => parse({ baseUrl })).not.toThrow();
    },
  );

  it.each([
    'http://example.com/v1',
    'http://127.0.0.1.example.com/v1',
    'http://localhost.example.com/v1',
    'http://169.254.169.254/v1',
    'https://user:word@example.com/v1',
    'https://example.com/v1?key=1',
    'https://example.com/v1#x',
    'ftp://example.com',
    'file:///etc/passwd',
    'example.com',
  ])('not %s', (baseUrl) => {
    expect(() => parse({ baseUrl })).toThrow('relays.up.baseUrl must be an https URL');
  });
});

describe('a mistake', () => {
  it.each([
    [{ auth: 'basic' }, {}, 'relays.up.auth must be one of bearer, api-key, sigv4, none'],
    [{ key: undefined }, {}, 'relays.up.key is missing: say where the key is'],
    [{ key: 'sk-abcdefghijkl' }, {}, 'relays.up.key must be env:NAME, file:path or the whole ARN of a secret, never the key itself'],
    [{ key: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:relay' }, {}, 'relays.up.key must be'],
    [{ auth: 'none' }, {}, 'relays.up.key is not used with auth "none"'],
    [{ apikey: 'x' }, {}, 'relays.up.apikey is not known'],
    [{ headers: { Authorization: 'x' } }, {}, 'relays.up.headers.Authorization cannot be set'],
    [{ headers: { 'x-a': 'a\nb' } }, {}, 'relays.up.headers.x-a must be printable ASCII'],
    [{}, { relay: 'down' }, 'models.name.relay is "down", which is no relay'],
    [{}, { target: '' }, 'models.name.target must be a string that is not empty'],
    [{}, { kind: 'image' }, 'models.name.kind must be one of chat, embedding'],
    [{}, { contextTokens: undefined }, 'models.name.contextTokens is missing; it must be a whole number of at least 1'],
    [{}, { maxOutputTokens: 0 }, 'models.name.maxOutputTokens is 0; it must be'],
    [{}, { defaultMaxTokens: 101 }, 'models.name.defaultMaxTokens is 101; it must be at most maxOutputTokens'],
    [{}, { price: { input: '1' } }, 'models.name.price.output is missing'],
    [{}, { price: { input: '1', output: '0.0000001' } }, 'is not an exact amount'],
    [{}, { price: { input: '-1', output: '1' } }, 'is not an exact amount'],
    [{}, { price: { input: 1, output: '1' } }, 'models.name.price.input is 1; it must be a string'],
    [{}, { price: { ...MODEL.price, longContext: { fromInputTokens: 9, input: '2', output: '9' } } }, 'longContext must not be cheaper'],
    [{}, { abilities: ['flying'] }, 'models.name.abilities must be a list of tools, vision'],
    [{}, { paths: ['../admin'] }, 'models.name.paths must hold paths below /v1'],
    [{}, { aliases: ['name'] }, 'models has the name "name" twice'],
    [{}, { unknown: 1 }, 'models.name.unknown is not known'],
  ])('in %j %j is told as %j, and never with a secret', (relay, model, message) => {
    expect(() => parse(relay, model)).toThrow(message);
    expect(() => parse(relay, model)).not.toThrow('sk-abc');
  });

  it.each(['[]', 'nonsense', '{"models":[]}', '{"relays":{"Up!":{}}}'])('%s is one', (text) => {
    expect(() => parseRelaySettings(text)).toThrow();
  });
});
