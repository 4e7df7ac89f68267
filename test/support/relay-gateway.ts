// A gateway that relays to a server of this process, with a model for everything that server does.
import OpenAI from 'openai';
import { parseUsd } from '../../functions/core/platform/money.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { startOpenAiServer } from './open-ai-server.ts';

/** USD per million tokens, and the same in picodollars per token. */
const PRICE = { input: '2', output: '8', cacheRead: '0.5' };
const RATES = { input: 2_000_000n, output: 8_000_000n, cacheRead: 500_000n };
export const UPSTREAM_KEY = 'sk-upstream-secret-0123456789';

const CHAT = ['echo', 'thinker', 'cached', 'long'];
const FAULTS = [
  '401',
  '429',
  'quota',
  'context',
  'param',
  'invalid',
  '500',
  '503',
  'redirect',
  'reset',
  'html',
  'no-usage',
  'midstream',
  'silent-end',
  'cut',
  'open',
];

export type RelayGateway = Awaited<ReturnType<typeof startRelayGateway>>;

export async function startRelayGateway() {
  const upstream = await startOpenAiServer();
  process.env.RELAY_TEST_KEY = UPSTREAM_KEY;
  const chat = (target: string, more: object = {}) => ({
    relay: 'up',
    target,
    price: PRICE,
    contextTokens: 100_000,
    maxOutputTokens: 4_000,
    abilities: ['tools'],
    ...more,
  });
  const relays = JSON.stringify({
    relays: {
      up: { baseUrl: `${upstream.url}/v1`, key: 'env:RELAY_TEST_KEY', headers: { 'OpenAI-Organization': 'org-1' } },
      azure: {
        baseUrl: `${upstream.url}/openai/deployments/{model}`,
        auth: 'api-key',
        key: 'env:RELAY_TEST_KEY',
        apiVersion: '2024-10-21',
      },
      bedrock: { baseUrl: `${upstream.url}/openai/v1`, auth: 'sigv4', region: 'eu-west-1' },
      gone: { baseUrl: 'http://127.0.0.1:1/v1', auth: 'none' },
      keyless: { baseUrl: `${upstream.url}/v1`, key: 'env:RELAY_TEST_NO_SUCH_KEY' },
    },
    models: {
      ...Object.fromEntries([...CHAT, ...FAULTS.map((name) => `fault-${name}`)].map((name) => [`team/${name}`, chat(name)])),
      'team/old': chat('echo', { maxTokensField: 'max_tokens', aliases: ['team/older'] }),
      'team/agent': chat('echo', { paths: ['responses', 'rerank'] }),
      'team/azure': chat('gpt deployment', { relay: 'azure' }),
      'team/bedrock': chat('openai.gpt-oss-120b', { relay: 'bedrock' }),
      'team/gone': chat('echo', { relay: 'gone' }),
      'team/keyless': chat('echo', { relay: 'keyless' }),
      'team/unpriced': chat('echo', { price: undefined, paths: ['responses'] }),
      'team/embed': { relay: 'up', target: 'embed', kind: 'embedding', price: { input: '0.02', output: '0' }, contextTokens: 8_000 },
    },
  });
  const gateway: Gateway = await startGateway({ relays });

  return {
    ...gateway,
    upstream,

    /** A key, and the official client that uses it. */
    async clientOf(fields: Record<string, unknown> = {}) {
      const key = await gateway.makeKey(fields);
      return { key, client: new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key.secret, maxRetries: 0 }) };
    },

    post: (secret: string, path: string, body: unknown) =>
      fetch(`${gateway.url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),

    /** What the upstream has counted since then, at the price of its chat models. */
    billSince(before: { prompt: number; cached: number; completion: number }): bigint {
      const { prompt, cached, completion } = upstream.tally;
      const read = BigInt(cached - before.cached);
      return (
        (BigInt(prompt - before.prompt) - read) * RATES.input +
        read * RATES.cacheRead +
        BigInt(completion - before.completion) * RATES.output
      );
    },

    async spentBy(id: string): Promise<bigint> {
      const { spent, held } = await gateway.readKey(id);
      if (held !== '0') throw new Error(`Still held: ${held}`);
      return parseUsd(spent.month)!;
    },

    async close() {
      await gateway.close();
      await upstream.close();
    },
  };
}
