// The one question to Bedrock's control plane: where it goes, how it is signed, and what its answers mean.

import { Readable } from 'node:stream';
import { type HttpRequest, HttpResponse } from '@smithy/core/protocols';
import { expect, test } from 'vitest';
import { createBedrockClient } from '../../../functions/core/bedrock/client.ts';
import { createFetchProfile } from '../../../functions/core/bedrock/inference-profile.ts';

const ARN = 'arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/ab12cd';
const MODEL = 'arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0';

function open(answer: { status?: number; type?: string; body?: string } | Error, options = {}) {
  const asked: HttpRequest[] = [];
  const { status = 200, type, body = JSON.stringify({ models: [{ modelArn: MODEL }] }) } = answer instanceof Error ? {} : answer;
  const requestHandler = {
    async handle(request: HttpRequest) {
      asked.push(request);
      if (answer instanceof Error) throw answer;
      const headers: Record<string, string> = type ? { 'x-amzn-errortype': type } : {};
      return { response: new HttpResponse({ statusCode: status, headers, body: Readable.from([Buffer.from(body)]) }) };
    },
  };
  const credentials = { accessKeyId: 'AKID', secretAccessKey: 'secret' };
  const client = createBedrockClient({ region: 'eu-west-1', credentials, requestHandler: requestHandler as never });
  return { asked, fetchProfile: createFetchProfile(client, options) };
}

test('it goes to the control plane of the region, signed, with the ARN as one segment', async () => {
  const { asked, fetchProfile } = open({});
  expect(await fetchProfile(ARN)).toEqual([MODEL]);
  const [{ method, protocol, hostname, path, headers }] = asked as [HttpRequest];
  expect(`${method} ${protocol}//${hostname}${path}`).toBe(
    `GET https://bedrock.eu-west-1.amazonaws.com/inference-profiles/${encodeURIComponent(ARN)}`,
  );
  expect(headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-west-1\/bedrock\/aws4_request/);
});

test('it goes where it is told, with a Bedrock API key where there is one', async () => {
  const { asked, fetchProfile } = open({}, { endpoint: 'https://vpce-1.bedrock.eu-west-1.vpce.amazonaws.com', bearer: 'key' });
  await fetchProfile(ARN);
  expect(asked[0]).toMatchObject({ hostname: 'vpce-1.bedrock.eu-west-1.vpce.amazonaws.com', headers: { authorization: 'Bearer key' } });
});

test.each([
  [404, 'ResourceNotFoundException'],
  [400, 'ValidationException:http://internal.amazon.com/'],
])('%i %s means that there is no such profile', async (status, type) => {
  expect(await open({ status, type, body: '{}' }).fetchProfile(ARN)).toBeUndefined();
});

test.each([
  [{ status: 403, type: 'AccessDeniedException' }, 'model_access_denied', 403],
  [{ status: 429, type: 'ThrottlingException' }, 'service_unavailable', 503],
  [{ status: 500, type: 'InternalServerException' }, 'service_unavailable', 503],
  [Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), 'upstream_unreachable', 502],
])('%o is told as %s', async (answer, code, status) => {
  await expect(open(answer instanceof Error ? answer : { ...answer, body: '{}' }).fetchProfile(ARN)).rejects.toMatchObject({
    code,
    status,
  });
});
