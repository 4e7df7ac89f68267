// How events become bytes: what is sent while the model is silent, and what when it breaks off.
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import type { ConverseEvent } from '../../functions/core/bedrock/converse.ts';
import { createChatStream } from '../../functions/core/dialects/openai/chat-stream.ts';
import { GatewayError } from '../../functions/core/platform/errors.ts';
import { createLog } from '../../functions/core/platform/log.ts';
import type { TurnEvent } from '../../functions/core/turn/turn.ts';
import { renderError } from '../../functions/proxy/failure.ts';
import { type Pace, streamEvents } from '../../functions/proxy/reply.ts';

const text = (content: string) => ({ contentBlockDelta: { contentBlockIndex: 0, delta: { text: content } } }) as ConverseEvent;
const stop: TurnEvent = { messageStop: { stopReason: 'end_turn' } } as ConverseEvent;
const admitted = {
  admitted: { warnings: [], maxTokens: 10, isLowered: false, left: { money: null, requests: null, tokens: null } },
} as unknown as TurnEvent;
const quiet = createLog(() => undefined);
const PATIENT: Pace = { heartbeatMs: 60_000, firstEventMs: 60_000 };

/** An app whose only route streams the given events. `settled`: the turn's own clean-up has run. */
function appOf(events: () => AsyncGenerator<TurnEvent, void>, pace: Pace = PATIENT) {
  const tracked: Promise<unknown>[] = [];
  const app = new Hono();
  app.onError((thrown, c) => renderError(c, thrown, quiet, 'req_1'));
  app.get('/', (c) =>
    streamEvents(c, events(), () => createChatStream({ id: 'chatcmpl-1', created: 1, model: 'm' }, false), {
      log: quiet,
      requestId: 'req_1',
      pace,
      track: (work) => tracked.push(work),
    }),
  );
  return { app, tracked };
}

describe('a streamed reply', () => {
  test('sends a comment while the model is silent, and the answer after it', async () => {
    const { resolve: open, promise: opened } = Promise.withResolvers<void>();
    const { app } = appOf(
      async function* () {
        yield admitted;
        yield text('a');
        await opened;
        yield text('b');
        yield stop;
      },
      { heartbeatMs: 1, firstEventMs: 60_000 },
    );
    const reader = (await app.request('/')).body!.pipeThrough(new TextDecoderStream()).getReader();
    let seen = '';
    while (!seen.includes(': ping\n\n')) seen += (await reader.read()).value;
    open();
    for (let next = await reader.read(); !next.done; next = await reader.read()) seen += next.value;
    expect(seen.indexOf('"content":"b"')).toBeGreaterThan(seen.indexOf(': ping'));
    expect(seen.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  test('is a status of its own when the first event is a refusal', async () => {
    const { app } = appOf(async function* () {
      yield admitted;
      throw new GatewayError('rate_limit_exceeded', 'Slow down.', { retryAfterSeconds: 7 });
    });
    const answer = await app.request('/');
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(answer.headers.get('content-type')).toContain('application/json');
  });

  test('begins with the status after a while, and tells a late refusal inside the stream', async () => {
    const { resolve: open, promise: opened } = Promise.withResolvers<void>();
    const { app } = appOf(
      async function* () {
        yield admitted;
        await opened;
        throw new GatewayError('rate_limit_exceeded', 'Slow down.');
      },
      { heartbeatMs: 60_000, firstEventMs: 1 },
    );
    const answer = await app.request('/');
    expect(answer.status).toBe(200);
    open();
    const body = await answer.text();
    expect(body).toContain('"code":"rate_limit_exceeded"');
    expect(body).not.toContain('[DONE]');
  });

  test('that breaks off ends in an error and never in [DONE]; an unknown error shows nothing of itself', async () => {
    const { app } = appOf(async function* () {
      yield admitted;
      yield text('a');
      throw new Error('secret upstream detail');
    });
    const body = await (await app.request('/')).text();
    expect(body).toContain('"content":"a"');
    expect(body).toContain('"code":"internal_error"');
    expect(body).not.toContain('[DONE]');
    expect(body).not.toContain('secret');
  });

  test('whose reader left is heard to its end', async () => {
    const { resolve: open, promise: opened } = Promise.withResolvers<void>();
    let heard = 0;
    const { app, tracked } = appOf(async function* () {
      yield admitted;
      yield text('a');
      await opened;
      for (let count = 0; count < 50; count += 1) {
        yield text('b');
        heard += 1;
      }
      yield stop;
    });
    const reader = (await app.request('/')).body!.getReader();
    await reader.read();
    await reader.cancel();
    open();
    await Promise.all(tracked);
    expect(heard).toBe(50);
  });

  test('has sent nothing of [DONE] before the turn has been settled', async () => {
    const order: string[] = [];
    const { app } = appOf(async function* () {
      try {
        yield admitted;
        yield text('a');
        yield stop;
      } finally {
        order.push('settled');
      }
    });
    for await (const part of (await app.request('/')).body!.pipeThrough(new TextDecoderStream())) {
      if (part.includes('[DONE]')) order.push('done');
    }
    expect(order).toEqual(['settled', 'done']);
  });
});
