// Events to a topic of SNS: what is sent, by whose signature, and that nothing counts as told which SNS did not take.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GatewayEvent } from '../../../functions/core/platform/events.ts';
import { createTopicEvents } from '../../../functions/core/platform/topic-events.ts';
import { createDynamoClient } from '../../../functions/core/store/dynamo.ts';

const EVENT: GatewayEvent = {
  ...{ id: 'key_1/month/2026-11/80', type: 'budget_threshold_reached', accountId: 'key_1', accountName: 'Größe & Co' },
  ...{ budget: 'month', period: '2026-11', percent: 80, limitUsd: '10', spentUsd: '8.000000000001', at: '2026-11-21T12:00:00.000Z' },
};
const TOPIC = 'arn:aws:sns:eu-central-1:123456789012:alerts';

let status = 200;
let heard: { request: IncomingMessage; body: string }[] = [];
const sns = createServer(async (request, response) => {
  heard.push({ request, body: await text(request) });
  response.writeHead(status).end('<PublishResponse/>');
});
beforeAll(() => new Promise<void>((resolve) => sns.listen(0, '127.0.0.1', resolve)));
afterAll(() => sns.close());

function events() {
  heard = [];
  const { config } = createDynamoClient({ region: 'us-east-1', credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' } });
  const endpoint = `http://127.0.0.1:${(sns.address() as AddressInfo).port}/`;
  return createTopicEvents(config, { topicArn: TOPIC, endpoint });
}

test('an event is one signed request, and its message is the event', async () => {
  status = 200;
  await events().publish(EVENT);
  expect(heard).toHaveLength(1);
  const [{ request, body }] = heard as [(typeof heard)[number]];
  const { Message, Subject, ...fields } = Object.fromEntries(new URLSearchParams(body));
  expect(fields).toEqual({ Action: 'Publish', Version: '2010-03-31', TopicArn: TOPIC });
  expect(JSON.parse(Message!)).toEqual(EVENT);
  // SNS takes ASCII only, and no more than 100 characters.
  expect(Subject).toMatch(/^[\x20-\x7e]{1,99}$/);
  expect([request.method, request.url]).toEqual(['POST', '/']);
  expect(request.headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/sns\/aws4_request, SignedHeaders=[^,]*host[^,]*, Signature=[0-9a-f]{64}$/,
  );
});

test.each([400, 403, 500])('what SNS answers with %i was not told', async (code) => {
  status = code;
  await expect(events().publish(EVENT)).rejects.toThrow(`SNS answered ${code}`);
});
