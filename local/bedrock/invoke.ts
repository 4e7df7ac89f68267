// InvokeModel, InvokeModelWithResponseStream and CountTokens.
import { type Call, parseJson } from './call.ts';
import { sendStream, sendWhole } from './converse.ts';
import { eventFrame } from './frames.ts';
import { generate } from './generate.ts';
import { invokeEmbedding } from './invoke-embeddings.ts';
import { shapeFor } from './invoke-shapes.ts';
import { invokePicture } from './pictures.ts';
import { countInput } from './prompt.ts';
import { invalid } from './refusal.ts';
import { validateConverse } from './validate-converse.ts';
import type { ConverseRequest, Usage } from './wire.ts';

export async function invoke(call: Call): Promise<void> {
  const { model } = call;
  const body = parseObject(call.body);
  if (model.kind === 'image') return sendInputOnly(call, 0, invokePicture(body));
  if (model.kind === 'embedding') {
    const embedded = invokeEmbedding(model, body);
    return sendInputOnly(call, embedded.inputTokens, embedded.body);
  }
  const shape = shapeFor(model, body);
  const generation = generate(call, model, shape.toRequest(body));
  await sendWhole(call, generation.usage, shape.toAnswer(model.baseId, generation), countHeaders(generation.usage));
}

export async function invokeStream(call: Call): Promise<void> {
  const body = parseObject(call.body);
  const shape = shapeFor(call.model, body);
  const generation = generate(call, call.model, shape.toRequest(body));
  const toEvents = shape.createEvents(call.model.baseId, generation);
  const toFrames = (step: Parameters<typeof toEvents>[0]) =>
    toEvents(step).map((event) => eventFrame('chunk', JSON.stringify({ bytes: Buffer.from(JSON.stringify(event)).toString('base64') })));
  await sendStream(call, generation, toFrames, { 'x-amzn-bedrock-content-type': 'application/json' });
}

/** Counts what the model itself would read; Bedrock offers it for Claude by its bare id only. */
export function countTokensOf(call: Call): void {
  const { model, reply } = call;
  const isCountable = (model.vendor === 'anthropic' && !model.isProfile) || model.vendor === 'standin';
  if (!isCountable) throw invalid("The provided model doesn't support counting tokens.");
  const { input } = parseObject(call.body) as { input?: { converse?: ConverseRequest; invokeModel?: { body?: string } } };
  const request = input?.converse ?? (input?.invokeModel && fromInvokeBody(call, input.invokeModel.body ?? ''));
  if (!request) throw invalid('input must be one of converse, invokeModel.');
  validateConverse(model, request);
  reply.send(200, { 'content-type': 'application/json' }, JSON.stringify({ inputTokens: countInput(request) }));
}

function fromInvokeBody({ model }: Call, base64: string): ConverseRequest {
  const body = parseObject(Buffer.from(base64, 'base64').toString('utf8'));
  return shapeFor(model, body).toRequest(body);
}

/** Answers that have no output tokens. */
async function sendInputOnly(call: Call, inputTokens: number, body: object): Promise<void> {
  const usage = { inputTokens, outputTokens: 0, totalTokens: inputTokens };
  await sendWhole(call, usage, body, countHeaders(usage));
}

function countHeaders({ inputTokens, outputTokens }: Usage): Record<string, string> {
  return {
    'x-amzn-bedrock-input-token-count': String(inputTokens),
    'x-amzn-bedrock-output-token-count': String(outputTokens),
    'x-amzn-bedrock-invocation-latency': '200',
  };
}

function parseObject(body: string): object {
  const value = parseJson(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('Malformed input request: expected type: JSONObject.');
  return value;
}
