// What users saw of gateways behind load balancers and functions that gave up too early, and what holds here: who waits longest, by the numbers
// that are deployed.
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { ConverseEvent } from '../../functions/core/bedrock/converse.ts';
import { createChatStream } from '../../functions/core/dialects/openai/chat-stream.ts';
import { createLog } from '../../functions/core/platform/log.ts';
import { PATIENCE } from '../../functions/core/platform/watch-silence.ts';
import type { TurnEvent } from '../../functions/core/turn/turn.ts';
import { PACE, streamEvents } from '../../functions/proxy/reply.ts';
import { resourcesOf, templatesOf } from '../lib/deployment.ts';

const { gateway } = templatesOf();

test('A user whose model thinks for a minute sees the stream kept open by comments, more often than anyone on the way gives up', async () => {
  const events = async function* (): AsyncGenerator<TurnEvent, void> {
    yield {
      admitted: { warnings: [], maxTokens: 10, isLowered: false, left: { money: null, requests: null, tokens: null } },
    } as unknown as TurnEvent;
    yield { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'Hm.' } } } as ConverseEvent;
    await thought;
    yield { messageStop: { stopReason: 'end_turn' } } as ConverseEvent;
  };
  let think = () => {};
  const thought = new Promise<void>((resolve) => (think = resolve));
  const stream = () => createChatStream({ id: 'chatcmpl-1', created: 1, model: 'm' }, false);
  const log = createLog(() => undefined);
  const options = { log, requestId: 'req_1', pace: { heartbeatMs: 1, firstEventMs: 60_000 }, track: () => undefined };
  const app = new Hono().get('/', (c) => streamEvents(c, events(), stream, options));
  let heard = '';
  for await (const bytes of (await app.request('/')).body!.pipeThrough(new TextDecoderStream())) {
    heard += bytes;
    if (heard.includes(': ping')) think();
  }
  expect(heard).toMatch(/Hm\.[\s\S]*: ping\n\n[\s\S]*\[DONE\]/);

  const distribution = Object.values(resourcesOf(gateway, 'AWS::CloudFront::Distribution'))[0]!;
  const text = JSON.stringify(distribution.Properties);
  const timeouts = [...text.matchAll(/"OriginReadTimeout":(\d+)/g)].map(([, seconds]) => Number(seconds));
  expect(Math.max(...timeouts)).toBeGreaterThanOrEqual(60);
  expect(Math.max(PACE.heartbeatMs, PACE.firstEventMs)).toBeLessThan((1_000 * Math.max(...timeouts)) / 2);
});

test('A user of a very long call is not cut off by the function: the call ends first, with time left to settle it', () => {
  const timeouts = Object.values(resourcesOf(gateway, 'AWS::Lambda::Function')).map(({ Properties }) => Number(Properties.Timeout));
  expect(PATIENCE.totalMs).toBeLessThanOrEqual(1_000 * Math.max(...timeouts) - 20_000);
});
