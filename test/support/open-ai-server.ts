// A small server that speaks OpenAI's dialect, with a tally of its own of what it would bill: the other end of a relay.
// What a model does is in its name: `echo`, `thinker` (half of its tokens unheard), `cached`, `long`, and `fault-…`.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Body = Record<string, never> & { model: string; stream?: boolean; stream_options?: { include_usage?: boolean } };
type Asked = { method: string; url: string; headers: IncomingHttpHeaders; text: string };
type Count = { prompt: number; cached: number; completion: number };

export type OpenAiServer = Awaited<ReturnType<typeof startOpenAiServer>>;

/** What it says in its errors, which nobody beyond the gateway may see. */
export const UPSTREAM_WORDS = 'Incorrect API key provided: sk-upstr***; org-internal-7 in cluster blue';

export async function startOpenAiServer() {
  const asked: Asked[] = [];
  const tally: Count = { prompt: 0, cached: 0, completion: 0 };
  const server = createServer(async (request, response) => {
    const text = Buffer.concat(await request.toArray()).toString();
    asked.push({ method: request.method!, url: request.url!, headers: request.headers, text });
    await answer(request.url!.split('?')[0]!, JSON.parse(text), response, tally);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    asked,
    tally,
    last: () => ({ ...asked.at(-1)!, body: JSON.parse(asked.at(-1)!.text) }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const FAULTS: Record<string, { status: number; error: object; headers?: Record<string, string> }> = {
  'fault-401': { status: 401, error: { code: 'invalid_api_key' } },
  'fault-429': { status: 429, error: { code: 'rate_limit_exceeded' }, headers: { 'retry-after': '17' } },
  'fault-quota': { status: 429, error: { code: 'insufficient_quota' } },
  'fault-context': { status: 400, error: { code: 'context_length_exceeded', param: 'messages' } },
  'fault-param': { status: 400, error: { code: 'unsupported_parameter', param: 'messages[0].name' } },
  'fault-invalid': { status: 422, error: { type: 'invalid_request_error', param: '<script>' } },
  'fault-500': { status: 500, error: {} },
  'fault-503': { status: 503, error: {}, headers: { 'retry-after': '9' } },
  'fault-redirect': { status: 307, error: {}, headers: { location: 'http://169.254.169.254/latest/meta-data' } },
};

async function answer(path: string, body: Body, response: ServerResponse, tally: Count): Promise<void> {
  const fault = FAULTS[body.model];
  if (fault) {
    response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
    return void response.end(JSON.stringify({ error: { message: UPSTREAM_WORDS, ...fault.error } }));
  }
  if (body.model === 'fault-reset') return void response.socket!.resetAndDestroy();
  if (body.model === 'fault-html') return void response.writeHead(502, { 'content-type': 'text/html' }).end(`<h1>${UPSTREAM_WORDS}</h1>`);
  const count = countOf(path, body);
  tally.prompt += count.prompt;
  tally.cached += count.cached;
  if (path.endsWith('/embeddings')) return sendJson(response, embeddings(body, count.prompt));
  if (path.endsWith('/rerank'))
    return sendJson(response, { results: [{ index: 0, relevance_score: 0.5 }], usage: { total_tokens: count.prompt } });
  if (body.stream && path.endsWith('/responses')) return streamResponse(response, body, count, tally);
  if (body.stream) return streamChat(response, path, body, count, tally);
  tally.completion += count.completion;
  const usage = body.model === 'fault-no-usage' ? undefined : usageOf(count);
  if (path.endsWith('/responses')) return sendJson(response, toResponse(body, count));
  const choices = Array.from({ length: (body.n as unknown as number) ?? 1 }, (_, index) => toChoice(path, body, count, index));
  sendJson(response, { id: 'up-1', object: 'chat.completion', created: 1, model: `${body.model}-0613`, choices, usage });
}

/** A token for each word of what is asked, and as many for the answer as are allowed, up to twelve (`long`: two thousand). */
function countOf(path: string, body: Body): Count {
  const words = JSON.stringify(body.messages ?? body.input ?? body.prompt ?? body.documents ?? '').match(/\w+/g) ?? [];
  const prompt = words.length;
  const cached = body.model === 'cached' ? Math.floor(prompt / 2) : 0;
  if (/embeddings|rerank/.test(path)) return { prompt, cached, completion: 0 };
  const limit = Number(body.max_completion_tokens ?? body.max_tokens ?? body.max_output_tokens);
  return { prompt, cached, completion: Math.min(limit, body.model === 'long' ? 2_000 : 12) * Number(body.n ?? 1) };
}

function usageOf({ prompt, cached, completion }: Count) {
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
  };
}

function wordsOf({ model }: Body, { completion }: Count): string[] {
  const heard = model === 'thinker' ? Math.ceil(completion / 2) : completion;
  return Array.from({ length: heard }, (_, index) => `word${index} `);
}

function callOf(body: Body) {
  const [tool] = (body.tools as unknown as { function: { name: string } }[] | undefined) ?? [];
  return tool && { id: 'call_1', type: 'function', function: { name: tool.function.name, arguments: '{"city":"Oslo"}' } };
}

function toChoice(path: string, body: Body, count: Count, index: number): object {
  const text = wordsOf(body, count).join('');
  if (path.endsWith('/chat/completions') === false) return { index, text, finish_reason: 'stop' };
  const call = callOf(body);
  if (call) return { index, message: { role: 'assistant', content: null, tool_calls: [call] }, finish_reason: 'tool_calls' };
  return { index, message: { role: 'assistant', content: text, refusal: null }, finish_reason: 'stop' };
}

async function streamChat(response: ServerResponse, path: string, body: Body, count: Count, tally: Count): Promise<void> {
  const tellsUsage = body.stream_options?.include_usage === true;
  const isChat = path.endsWith('/chat/completions');
  const object = isChat ? 'chat.completion.chunk' : 'text_completion';
  const send = (choices: object[], usage: object | null = null) => {
    const chunk = { id: 'up-1', object, created: 1, model: `${body.model}-0613`, choices, ...(tellsUsage && { usage }) };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  };
  const say = (delta: object, finish: string | null = null) =>
    send([
      isChat
        ? { index: 0, delta, finish_reason: finish }
        : { index: 0, text: (delta as { content?: string }).content ?? '', finish_reason: finish },
    ]);

  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(': upstream is here\n\n');
  say({ role: 'assistant', content: '' });
  const call = callOf(body);
  if (call) say({ tool_calls: [{ index: 0, ...call }] });
  const words = call ? [] : wordsOf(body, count);
  if (call) tally.completion += count.completion;
  else tally.completion += count.completion - words.length;
  for (const [index, word] of words.entries()) {
    if (response.destroyed) return;
    tally.completion += 1;
    say({ content: word });
    if (body.model === 'fault-midstream' && index === 2) {
      response.write(`data: ${JSON.stringify({ error: { message: UPSTREAM_WORDS } })}\n\n`);
      return void response.end();
    }
    if (body.model === 'fault-silent-end' && index === 2) return void response.end();
    if (body.model === 'fault-cut' && index === 2) return void response.destroy();
    if (index % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  say({}, call ? 'tool_calls' : 'stop');
  if (tellsUsage && body.model !== 'fault-no-usage') send([], usageOf(count));
  response.write('data: [DONE]\n\n');
  if (body.model !== 'fault-open') response.end();
}

function toResponse(body: Body, count: Count) {
  const { prompt, cached, completion } = count;
  const usage = {
    input_tokens: prompt,
    output_tokens: completion,
    total_tokens: prompt + completion,
    input_tokens_details: { cached_tokens: cached },
  };
  const output = [
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: wordsOf(body, count).join(''), annotations: [] }] },
  ];
  return { id: 'resp_1', object: 'response', status: 'completed', error: null, model: body.model, output, usage };
}

function streamResponse(response: ServerResponse, body: Body, count: Count, tally: Count): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (type: string, fields: object) => response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`);
  send('response.created', { response: { id: 'resp_1', status: 'in_progress', error: null, usage: null } });
  for (const delta of wordsOf(body, count)) send('response.output_text.delta', { delta });
  tally.completion += count.completion;
  send('response.completed', { response: toResponse(body, count) });
  response.end();
}

function embeddings(body: Body, prompt: number): object {
  const inputs = (Array.isArray(body.input) ? body.input : [body.input]) as unknown[];
  const bytes = Buffer.from(new Float32Array([0.5, -0.25]).buffer).toString('base64');
  const embedding = (body.encoding_format as unknown) === 'base64' ? bytes : [0.5, -0.25];
  const data = inputs.map((_, index) => ({ object: 'embedding', index, embedding }));
  return { object: 'list', data, model: body.model, usage: { prompt_tokens: prompt, total_tokens: prompt } };
}

function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
