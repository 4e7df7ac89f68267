// A durable FIFO queue of SQS, to put into only. Signed and sent as send.ts does it, by what the database's client is configured with, because
// a client of SQS would make the proxy's bundle larger by a sixth for one call.
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { retry } from '../platform/retry.ts';
import { createSendSigned, readText } from '../platform/signed.ts';

export type Message = {
  body: string;
  /** Messages of one group are brought in their order, one batch at a time. */
  group: string;
  /** The same message twice within five minutes is one. */
  id: string;
};

/** Resolves when the queue has said that it has the message. Rejects when it may not have it. */
export type PutMessage = (message: Message) => Promise<void>;

const ATTEMPTS = 3;
const PAUSE_MS = 150;

export function createQueue(url: string, { config }: Pick<DynamoDBClient, 'config'>): PutMessage {
  const place = new URL(url);
  const send = createSendSigned(config, 'sqs');
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' };

  async function put({ body: MessageBody, group, id }: Message): Promise<void> {
    const body = JSON.stringify({ QueueUrl: url, MessageBody, MessageGroupId: group, MessageDeduplicationId: id });
    const response = await send({ method: 'POST', place, path: '/', headers, body });
    await readText(response.body);
    if (response.statusCode !== 200) throw new Error(`The queue answered ${response.statusCode}.`);
  }

  return (message) => retry(() => put(message), { attempts: ATTEMPTS, pauseMs: PAUSE_MS });
}
