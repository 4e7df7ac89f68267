import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createReadSecret } from '../../../functions/core/platform/secrets.ts';
import { createDynamoClient } from '../../../functions/core/store/dynamo.ts';

const ARN = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:origin-AbCdEf';
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

type Seen = { headers: IncomingMessage['headers']; body: unknown };

/** A Secrets Manager that gives these answers in turn, the last one again and again. */
async function open(...answers: ((response: ServerResponse) => void)[]) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    seen.push({ headers: request.headers, body: JSON.parse(Buffer.concat(await request.toArray()).toString()) });
    answers[Math.min(seen.length, answers.length) - 1]!(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const client = createDynamoClient({ region: 'eu-west-1', credentials });
  closing.push(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  });
  return { seen, read: createReadSecret(client.config, `http://127.0.0.1:${(server.address() as AddressInfo).port}`) };
}

const told = (response: ServerResponse) => response.end('{"SecretString":"s3cret"}');
const failed = (status: number, type: string) => (response: ServerResponse) => response.writeHead(status).end(`{"__type":"${type}"}`);

test('a secret is asked for by its ARN and stage, signed for Secrets Manager in the region', async () => {
  const { read, seen } = await open(told);
  expect(await read(ARN, 'AWSPREVIOUS')).toBe('s3cret');
  expect(seen[0]!.body).toEqual({ SecretId: ARN, VersionStage: 'AWSPREVIOUS' });
  expect(seen[0]!.headers['x-amz-target']).toBe('secretsmanager.GetSecretValue');
  expect(seen[0]!.headers.authorization).toMatch(/Credential=a\/\d{8}\/eu-west-1\/secretsmanager\/aws4_request/);
});

test('one that is not there is nothing', async () => {
  const { read, seen } = await open(failed(400, 'ResourceNotFoundException'));
  expect([await read(ARN), seen.length]).toEqual([undefined, 1]);
});

test.each([
  ['a failure', failed(500, 'InternalServiceError')],
  ['throttling', failed(400, 'ThrottlingException')],
  ['a lost connection', (response: ServerResponse) => void response.destroy()],
])('%s is tried again, and not for ever', async (_name, trouble) => {
  const passing = await open(trouble, told);
  expect(await passing.read(ARN)).toBe('s3cret');
  const lasting = await open(trouble);
  await expect(lasting.read(ARN)).rejects.toThrow();
  expect(lasting.seen).toHaveLength(3);
});

test('a refusal is not tried again, and says nothing but its status', async () => {
  const { read, seen } = await open(failed(400, 'AccessDeniedException'));
  await expect(read(ARN)).rejects.toThrow('Secrets Manager answered 400.');
  expect(seen).toHaveLength(1);
});
