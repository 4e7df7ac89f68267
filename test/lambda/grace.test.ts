// The bundles of the proxy and of the drain while the database is away: the queue has the call before it is made, and it is booked once.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OpenAiServer, startOpenAiServer } from '../support/open-ai-server.ts';
import { type Door, openDoor } from '../support/switched-database.ts';
import { type Database, startDatabase } from './database.ts';
import { type QueueServer, startQueue } from './queue.ts';
import type { Emulator } from './runtime/emulator.ts';
import { type Secrets, startSecrets } from './secrets.ts';
import { start } from './shipped.ts';

const ORIGIN_SECRET_ARN = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:origin';
const RELAY_SECRET_ARN = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:relay-AbCdEf';

let database: Database;
let door: Door;
let secrets: Secrets;
let queue: QueueServer;
let relayed: OpenAiServer;
let proxy: Emulator;
let drain: Emulator;
let key: { id: string; secret: string };

beforeAll(async () => {
  [database, secrets, queue, relayed] = await Promise.all([
    startDatabase(),
    startSecrets({ [ORIGIN_SECRET_ARN]: 'origin', [RELAY_SECRET_ARN]: 'sk-relay' }),
    startQueue(),
    startOpenAiServer(),
  ]);
  door = await openDoor(database.environment.AWS_ENDPOINT_URL_DYNAMODB);
  const relays = {
    relays: { up: { baseUrl: `${relayed.url}/v1`, key: RELAY_SECRET_ARN } },
    models: { gpt: { relay: 'up', target: 'echo', contextTokens: 9_000, maxOutputTokens: 900, price: { input: '1', output: '2' } } },
  };
  [proxy, drain] = await Promise.all([
    start('functions/proxy/index.ts', {
      ...database.environment,
      AWS_ENDPOINT_URL_DYNAMODB: door.url,
      ORIGIN_SECRET_ARN,
      OUTCROP_STRICT: 'off',
      OUTCROP_PROMPT_CACHING: 'explicit',
      OUTCROP_SEND_USER: 'off',
      OUTCROP_FETCH_MEDIA: 'off',
      OUTCROP_RELAYS: JSON.stringify(relays),
      OUTCROP_RAW_IDS: 'on',
      BODIES_BUCKET: 'bodies',
      LOGGING: 'off',
      OUTCROP_GRACE_SECONDS: '60',
      DEFERRED_QUEUE_URL: queue.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    }),
    start('functions/drain/index.ts', database.environment),
  ]);
  key = await database.makeKey({}, null);
});
afterAll(async () => {
  await Promise.all([proxy.stop(), drain.stop(), relayed.close(), door.close()]);
  await database.stop();
  secrets.stop();
  queue.stop();
});

function ask(): Promise<Response> {
  return fetch(`${proxy.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-outcrop-origin': 'origin', authorization: `Bearer ${key.secret}` },
    body: JSON.stringify({ model: 'gpt', messages: [{ role: 'user', content: 'Hello' }] }),
  });
}

test('a call goes into the queue before and after it is made, and from there into the books once, however often it is brought', async () => {
  expect((await ask()).status).toBe(200);
  const before = await database.spentBy(key.id);
  door.goAway();
  const answer = await ask();
  expect({ status: answer.status, warnings: answer.headers.get('x-outcrop-warnings') }).toEqual({
    status: 200,
    warnings: 'ledger;deferred',
  });
  const requestId = answer.headers.get('x-request-id')!;
  await expect.poll(() => queue.sent.map(({ id }) => id)).toEqual([`${requestId}.begun`, `${requestId}.done`]);
  const [begun, done] = queue.sent;
  expect([begun!.group, done!.group]).toEqual([requestId, key.id]);
  expect(done!.target).toBe('AmazonSQS.SendMessage');
  expect(done!.authorization).toMatch(/^AWS4-HMAC-SHA256 .*\/sqs\/aws4_request/);

  // Its beginning alone tells nothing yet: it stays in the queue.
  expect(await drain.invoke({ Records: queue.event().Records.slice(0, 1) })).toEqual({ batchItemFailures: [{ itemIdentifier: '0' }] });
  for (let time = 0; time < 2; time += 1) expect(await drain.invoke(queue.event(1))).toEqual({ batchItemFailures: [] });
  expect(await drain.invoke(queue.event())).toEqual({ batchItemFailures: [] });
  expect(await database.spentBy(key.id)).toEqual({ open: 0, spent: 2n * before.spent });
  expect((await database.entriesOf(key.id)).filter((entry) => entry.requestId === requestId)).toMatchObject([
    { status: 'succeeded', isEstimated: false, cost: before.spent },
  ]);
});

test('where the queue does not take the call, it is not made', async () => {
  const made = relayed.asked.length;
  queue.refusesWith = 500;
  const answer = await ask();
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
  expect(relayed.asked.length).toBe(made);
});

test('a message that is no record stays, and so does what follows it in its group', async () => {
  const record = (messageId: string, MessageGroupId: string, body: string) => ({ messageId, body, attributes: { MessageGroupId } });
  const good = queue.sent[1]!.body;
  const Records = [record('a', 'one', '{}'), record('b', 'one', good), record('c', 'two', good)];
  expect(await drain.invoke({ Records })).toEqual({ batchItemFailures: [{ itemIdentifier: 'a' }, { itemIdentifier: 'b' }] });
});
