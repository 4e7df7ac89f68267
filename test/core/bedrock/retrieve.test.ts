// The question to a knowledge base: where it goes, how it is signed, what its answers mean, and that no failure is ever billed.
import { Readable } from 'node:stream';
import { type HttpRequest, HttpResponse } from '@smithy/core/protocols';
import { expect, test } from 'vitest';
import { createBedrockClient } from '../../../functions/core/bedrock/client.ts';
import { createRetrieve } from '../../../functions/core/bedrock/retrieve.ts';

const BASE = { id: 'KB12345678', region: null };

type Answer = { status?: number; type?: string; body?: string };

function open(answer: Answer | Error | 'silent', options = {}, endpoint?: string) {
  const asked: HttpRequest[] = [];
  const requestHandler = {
    async handle(request: HttpRequest, { abortSignal }: { abortSignal: AbortSignal }) {
      asked.push(request);
      if (answer instanceof Error) throw answer;
      if (answer === 'silent') {
        return new Promise((_, reject) => {
          abortSignal.addEventListener('abort', () => reject(Object.assign(new Error('Request aborted'), { name: 'AbortError' })));
        });
      }
      const { status = 200, type, body = '{"retrievalResults":[]}' } = answer;
      const headers: Record<string, string> = { 'x-amzn-requestid': 'their-id', ...(type && { 'x-amzn-errortype': type }) };
      return { response: new HttpResponse({ statusCode: status, headers, body: Readable.from([Buffer.from(body)]) }) };
    },
  };
  const credentials = { accessKeyId: 'AKID', secretAccessKey: 'secret' };
  const client = createBedrockClient({ region: 'eu-west-1', endpoint, credentials, requestHandler: requestHandler as never });
  return { asked, retrieve: createRetrieve(client, options) };
}

const addressOf = ({ method, protocol, hostname, port, path }: HttpRequest) =>
  `${method} ${protocol}//${hostname}${port ? `:${port}` : ''}${path}`;

test.each([
  [null, 'eu-west-1'],
  ['us-west-2', 'us-west-2'],
])('for the region %s it goes to the agent runtime of %s, and is signed for it', async (region, where) => {
  const { asked, retrieve } = open({});
  expect(await retrieve({ ...BASE, region }, 'When?')).toEqual([]);
  expect(addressOf(asked[0]!)).toBe(`POST https://bedrock-agent-runtime.${where}.amazonaws.com/knowledgebases/KB12345678/retrieve`);
  expect(asked[0]!.headers.authorization).toMatch(new RegExp(`^AWS4-HMAC-SHA256 Credential=AKID/\\d{8}/${where}/bedrock/aws4_request`));
});

test('it goes where it is told, else beside a runtime that is not of AWS', async () => {
  const told = open({}, { endpoint: 'https://agents.test/prefix/' });
  const beside = open({}, {}, 'http://127.0.0.1:8867');
  for (const { retrieve } of [told, beside]) await retrieve({ ...BASE, region: 'us-west-2' }, 'When?');
  expect(addressOf(told.asked[0]!)).toBe('POST https://agents.test/prefix/knowledgebases/KB12345678/retrieve');
  expect(addressOf(beside.asked[0]!)).toBe('POST http://127.0.0.1:8867/knowledgebases/KB12345678/retrieve');
});

test('passages have the source of whatever kind of store; what is no text is left out', async () => {
  const retrievalResults = [
    { content: { type: 'TEXT', text: 'a' }, location: { type: 'WEB', webLocation: { url: 'https://a.test' } }, score: 1 },
    { content: { type: 'TEXT', text: 'b' }, location: { type: 'CUSTOM', customDocumentLocation: { id: 'doc' } } },
    { content: { type: 'TEXT', text: 'c' } },
    { content: { type: 'IMAGE', byteContent: 'data:' }, location: { type: 'S3', s3Location: { uri: 's3://x' } } },
  ];
  expect(await open({ body: JSON.stringify({ retrievalResults, nextToken: 'more' }) }).retrieve(BASE, 'When?')).toEqual([
    { text: 'a', source: 'https://a.test' },
    { text: 'b', source: 'doc' },
    { text: 'c', source: null },
  ]);
});

test.each<[Answer | Error, code: string, status: number]>([
  [{ status: 404, type: 'ResourceNotFoundException:http://internal.amazon.com/' }, 'model_not_found', 404],
  [{ status: 403, type: 'AccessDeniedException' }, 'model_access_denied', 403],
  [{ status: 403, type: 'ExpiredTokenException' }, 'upstream_auth_error', 502],
  [{ status: 429, type: 'ThrottlingException' }, 'rate_limit_exceeded', 429],
  [{ status: 400, type: 'ValidationException' }, 'upstream_error', 500],
  [{ status: 424, type: 'DependencyFailedException' }, 'upstream_error', 500],
  [{ status: 500, type: 'InternalServerException' }, 'upstream_error', 500],
  [{ status: 503 }, 'service_unavailable', 503],
  [{ body: '<html>' }, 'upstream_error', 500],
  [Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }), 'upstream_unreachable', 502],
])('%o is told as %s and is not billed', async (answer, code, status) => {
  const told = answer instanceof Error ? answer : { body: '{"message":"of theirs"}', ...answer };
  const failure = await open(told)
    .retrieve(BASE, 'When?')
    .catch((thrown) => thrown);
  expect([failure.code, failure.status, failure.details.mayBeBilled, failure.details.objection]).toEqual([
    code,
    status,
    undefined,
    undefined,
  ]);
  expect(failure.message).not.toContain('of theirs');
});

test('one that takes too long is ended, and so is one under way when the process stops', async () => {
  const stopped = AbortSignal.abort();
  for (const options of [{ patienceMs: 1 }, { stop: stopped }]) {
    const answer = options.stop ? new Error('Request aborted') : 'silent';
    const failure = await open(answer, options)
      .retrieve(BASE, 'When?')
      .catch((thrown) => thrown);
    expect([failure.code, failure.details.mayBeBilled]).toEqual(['upstream_timeout', undefined]);
  }
});
