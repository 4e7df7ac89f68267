// A user at a desk: a gateway, a key, and what came of each chat, upstream and down.
import { type Gateway, type KeyView, startGateway } from './gateway.ts';
import { type BedrockWatch, type Json, type UpstreamCall, watchBedrock } from './watch-bedrock.ts';

export const SONNET = 'claude-sonnet-4-5';

export type Seen = {
  status: number;
  headers: Headers;
  text: string;
  /** The body of an answer that is no stream. */
  json: Json;
  /** The frames of a stream, `[DONE]` among them as text. */
  frames: Json[];
  /** What reached Bedrock for it; `undefined` where nothing did. */
  sent: UpstreamCall | undefined;
};

export type Desk = {
  gateway: Gateway;
  watch: BedrockWatch;
  key: KeyView;
  /** `fields` are laid over a question to a current Claude. */
  chat(fields: object, headers?: Record<string, string>): Promise<Seen>;
  post(path: string, body: object, headers?: Record<string, string>): Promise<Seen>;
  close(): Promise<void>;
};

export async function openDesk(fields: Record<string, unknown> = {}): Promise<Desk> {
  let watch: BedrockWatch | undefined;
  const gateway = await startGateway({
    through: async (url) => {
      watch = await watchBedrock(url);
      return watch.url;
    },
  });
  const key = await gateway.makeKey(fields);
  const { calls } = watch!;

  async function post(path: string, body: object, headers: Record<string, string> = {}): Promise<Seen> {
    calls.length = 0;
    const answer = await fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key.secret}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json');
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
      frames: isJson ? [] : framesOf(text),
      sent: calls.at(-1),
    };
  }

  return {
    gateway,
    watch: watch!,
    key,
    post,
    chat: (asked, headers) =>
      post('/v1/chat/completions', { model: SONNET, messages: [{ role: 'user', content: 'Hello' }], ...asked }, headers),
    async close() {
      await gateway.close();
      await watch!.close();
    },
  };
}

function framesOf(text: string): Json[] {
  return text
    .split('\n\n')
    .filter((frame) => frame.startsWith('data: '))
    .map((frame) => frame.slice('data: '.length))
    .map((frame) => (frame === '[DONE]' ? frame : JSON.parse(frame)));
}

export const user = (content: unknown): object => ({ role: 'user', content });
export const assistant = (content: unknown, rest: object = {}): object => ({ role: 'assistant', content, ...rest });
export const result = (tool_call_id: string, content: unknown): object => ({ role: 'tool', tool_call_id, content });
export const called = (id: string, name: string, args = '{}'): object => ({ id, type: 'function', function: { name, arguments: args } });
export const tool = (name: string, description = `Does ${name}.`): object => ({
  type: 'function',
  function: { name, description, parameters: { type: 'object', properties: { city: { type: 'string' } } } },
});
