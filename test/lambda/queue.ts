// As much of SQS as the proxy asks for: messages are kept, and brought as Lambda brings them.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type QueueServer = {
  url: string;
  /** What was sent, with the headers of each. */
  sent: { body: string; group: string; id: string; target: string; authorization: string }[];
  /** Messages are refused with this status, where it is set. */
  refusesWith: number | undefined;
  /** The event that brings the messages to a function. */
  event(from?: number): { Records: unknown[] };
  stop(): void;
};

export async function startQueue(): Promise<QueueServer> {
  const server = createServer(async (request, response) => {
    const { MessageBody, MessageGroupId, MessageDeduplicationId } = JSON.parse(Buffer.concat(await request.toArray()).toString());
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    if (queue.refusesWith) return void response.writeHead(queue.refusesWith).end('{}');
    const { 'x-amz-target': target, authorization = '' } = request.headers;
    queue.sent.push({ body: MessageBody, group: MessageGroupId, id: MessageDeduplicationId, target: String(target), authorization });
    response.end('{"MessageId":"m"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const queue: QueueServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/000000000000/Deferred.fifo`,
    sent: [],
    refusesWith: undefined,
    event: (from = 0) => ({
      Records: queue.sent
        .map(({ body, group }, number) => ({ messageId: String(number), body, attributes: { MessageGroupId: group } }))
        .slice(from),
    }),
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
  return queue;
}
