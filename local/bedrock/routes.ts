// Every path of the Bedrock runtime that the stand-in knows, and what happens to a request on its way to an operation.
import type { Call, House } from './call.ts';
import { parseJson } from './call.ts';
import { converse, converseStream } from './converse.ts';
import { refusalOf } from './faults.ts';
import { applyGuardrail, type GuardrailRequest } from './guardrail.ts';
import { profileOf } from './inference-profiles.ts';
import { countTokensOf, invoke, invokeStream } from './invoke.ts';
import { retrieve } from './knowledge-bases.ts';
import { resolveModel } from './models.ts';
import { Refusal } from './refusal.ts';
import type { Reply } from './reply.ts';

const OPERATIONS: Record<string, (call: Call) => Promise<void> | void> = {
  converse,
  'converse-stream': converseStream,
  invoke,
  'invoke-with-response-stream': invokeStream,
  'count-tokens': countTokensOf,
};

const SLOW_PACE = { firstTokenMs: 1000, tokenMs: 100 };

interface Asked {
  method: string;
  path: string;
  isSigned: boolean;
  body: string;
}

export async function answer(house: House, asked: Asked, reply: Reply): Promise<void> {
  try {
    await route(house, asked, reply);
  } catch (error) {
    if (reply.isClosed) return;
    refuse(reply, error instanceof Refusal ? error : unexpected(error));
  }
}

async function route(house: House, asked: Asked, reply: Reply): Promise<void> {
  const { method, body } = asked;
  if (method === 'GET' && asked.path === '/standin/tally') return sendJson(reply, house.tally.report());
  // A label is one segment, percent-encoded: split first, decode after.
  const [kind, id = '', ...rest] = asked.path.split('?')[0]!.split('/').slice(1).map(decodeURIComponent);
  const operation = rest.length === 1 ? OPERATIONS[rest[0]!] : undefined;
  const isGuardrail = kind === 'guardrail' && rest[0] === 'version' && rest[2] === 'apply' && rest.length === 3;
  if (method === 'GET' && kind === 'inference-profiles' && rest.length === 0) {
    if (!asked.isSigned) throw new Refusal('MissingAuthenticationTokenException', 'Missing Authentication Token');
    house.profileLookups.push(id);
    return sendJson(reply, profileOf(id));
  }
  const isRetrieve = kind === 'knowledgebases' && rest.length === 1 && rest[0] === 'retrieve';
  const isKnown = method === 'POST' && ((kind === 'model' && operation) || isGuardrail || isRetrieve);
  if (!isKnown) throw new Refusal('UnknownOperationException', `There is no operation ${method} ${asked.path}.`);
  if (!asked.isSigned) throw new Refusal('MissingAuthenticationTokenException', 'Missing Authentication Token');
  if (isRetrieve) return sendJson(reply, retrieve(id, body));
  if (isGuardrail) return sendJson(reply, applyGuardrail(parseJson(body) as GuardrailRequest));

  const model = resolveModel(id);
  const fault = house.faults.of(model, body);
  if (fault === 'reset-start') return reply.reset();
  if (fault === 'html') return reply.send(502, { 'content-type': 'text/html' }, '<html><body><h1>502 Bad Gateway</h1></body></html>');
  const refusal = refusalOf(fault, model.id, body);
  if (refusal) throw refusal;
  await operation!({ ...house, pace: fault === 'slow' ? SLOW_PACE : house.pace, model, body, fault, reply });
}

function refuse(reply: Reply, { type, status, message, fields, headers }: Refusal): void {
  const body = JSON.stringify({ message, ...fields });
  reply.send(
    status,
    { ...headers, 'content-type': 'application/json', 'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/` },
    body,
  );
}

function unexpected(error: unknown): Refusal {
  console.error(error);
  return new Refusal('InternalServerException', `The stand-in failed: ${String(error)}`);
}

function sendJson(reply: Reply, body: object): void {
  reply.send(200, { 'content-type': 'application/json' }, JSON.stringify(body));
}
