// Converse and ConverseStream.

import type { Call } from './call.ts';
import { parseJson } from './call.ts';
import { streamFaultOf } from './faults.ts';
import { eventFrame } from './frames.ts';
import { generate } from './generate.ts';
import type { Generation, Step } from './generation.ts';
import type { ConverseRequest, StreamEvent, Usage } from './wire.ts';
import { writeStream } from './write-stream.ts';

const PADDING = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

export async function converse(call: Call): Promise<void> {
  const generation = generate(call, call.model, parseJson(call.body) as ConverseRequest);
  await sendWhole(call, generation.usage, generation.output);
}

/** The answer of an operation that does not stream, after the time that generating it takes. */
export async function sendWhole(call: Call, usage: Usage, body: object, headers: Record<string, string> = {}): Promise<void> {
  call.tally.open(call.model.id, usage).outputTo(usage.outputTokens);
  const waitMs = call.pace.firstTokenMs + call.pace.tokenMs * usage.outputTokens;
  if (waitMs > 0) await call.reply.wait(waitMs);
  call.reply.send(200, { 'content-type': 'application/json', ...headers }, JSON.stringify(body));
}

export async function converseStream(call: Call): Promise<void> {
  const generation = generate(call, call.model, parseJson(call.body) as ConverseRequest);
  await sendStream(call, generation, converseFrames(call.fault === 'no-metadata'));
}

export async function sendStream(
  call: Call,
  generation: Generation,
  toFrames: (step: Step) => Buffer[],
  headers: Record<string, string> = {},
): Promise<void> {
  const { reply, pace } = call;
  const bill = call.tally.open(call.model.id, generation.usage);
  reply.open({ 'content-type': 'application/vnd.amazon.eventstream', ...headers });
  // A hanging model has sent its headers and nothing else.
  if (call.fault === 'hang') return reply.flush();
  await writeStream({ reply, pace, bill, fault: streamFaultOf(call.fault), toFrames }, generation.steps());
}

function converseFrames(isWithoutMetadata: boolean): (step: Step) => Buffer[] {
  let count = 0;
  return ({ event }) => {
    const type = Object.keys(event)[0] as keyof StreamEvent;
    if (type === 'metadata' && isWithoutMetadata) return [];
    count += 1;
    // Bedrock pads its events to lengths that tell nothing about the words in them.
    return [eventFrame(type, JSON.stringify({ ...event[type], p: PADDING.slice(0, 3 + ((count * 17) % 50)) }))];
  };
}
