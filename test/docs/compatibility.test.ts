// The page on compatibility says what the code does: it is made again and compared, and no field, endpoint or model can be missing from it.
import { readFileSync } from 'node:fs';
import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import { describe, expect, test } from 'vitest';
import { makePage, PAGE } from '../../docs/compatibility/make.ts';
import { FIELDS } from '../../docs/compatibility/probes.ts';
import modelsFile from '../../functions/core/catalog/models.json' with { type: 'json' };
import { parseChatRequest } from '../../functions/core/dialects/openai/chat-request.ts';
import { createProxyApp, type ProxyDependencies } from '../../functions/proxy/app.ts';

const page = readFileSync(PAGE, 'utf8');
const probes = Object.values(FIELDS).flat();
const named = new Set(probes.map(({ field }) => field));

/** Every field OpenAI's own types know: a new one does not compile until somebody has decided what becomes of it. */
const OPENAI_FIELDS: Record<Exclude<keyof ChatCompletionCreateParams, 'model' | 'messages'>, true> = {
  audio: true,
  frequency_penalty: true,
  function_call: true,
  functions: true,
  logit_bias: true,
  logprobs: true,
  max_completion_tokens: true,
  max_tokens: true,
  metadata: true,
  modalities: true,
  moderation: true,
  n: true,
  parallel_tool_calls: true,
  prediction: true,
  presence_penalty: true,
  prompt_cache_key: true,
  prompt_cache_options: true,
  prompt_cache_retention: true,
  reasoning_effort: true,
  response_format: true,
  safety_identifier: true,
  seed: true,
  service_tier: true,
  stop: true,
  store: true,
  stream: true,
  stream_options: true,
  temperature: true,
  tool_choice: true,
  tools: true,
  top_logprobs: true,
  top_p: true,
  user: true,
  verbosity: true,
  web_search_options: true,
};

describe('docs/compatibility.md', () => {
  test('is what `npm run compatibility` makes, byte for byte', () => {
    expect(page).toBe(makePage());
  });

  test("has every field of OpenAI's own types", () => {
    expect(Object.keys(OPENAI_FIELDS).filter((field) => !named.has(field))).toEqual([]);
  });

  test('has every field and header the gateway reads', () => {
    const read = new Set<string>();
    const watched = (body: object) =>
      new Proxy(body, {
        get(target, key, receiver) {
          if (typeof key === 'string') read.add(key);
          return Reflect.get(target, key, receiver);
        },
      });
    for (const { field, value, beside, isHeader } of [...probes, { field: 'x', value: 1 }]) {
      const body = { model: 'm', messages: [{ role: 'user', content: 'hi' }], ...beside, ...(!isHeader && { [field]: value }) };
      try {
        parseChatRequest(watched(body), (name) => void read.add(name));
      } catch {
        // A field that is refused has been read.
      }
    }
    expect([...read].filter((field) => !named.has(field)).sort()).toEqual(['messages', 'model']);
  });

  test('names every endpoint of the model API', () => {
    const { routes } = createProxyApp({} as ProxyDependencies);
    const paths = routes.filter(({ method, path }) => method !== 'ALL' && path.startsWith('/v1/'));
    expect(paths.length).toBeGreaterThan(4);
    for (const { method, path } of paths) expect(page).toContain(`\`${method} ${path.replace(':id{.+}', '{id}')}\``);
  });

  test('shows a model of every family of chat models', () => {
    const families = new Set(modelsFile.models.map(({ family }) => family));
    for (const family of families) {
      const names = modelsFile.models.filter((model) => model.family === family).map(({ name }) => name);
      const { kind } = (modelsFile.families as Record<string, { kind?: string }>)[family]!;
      if (kind === undefined) expect(names.some((name) => page.includes(`| \`${name}\` |`))).toBe(true);
    }
  });
});
