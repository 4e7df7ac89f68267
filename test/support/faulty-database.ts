// An SDK client's way to the database, on which a test lets things go wrong: the answer is lost after the request took effect, the
// connection breaks, the database throttles, or nothing gets there at all.
import { Readable } from 'node:stream';
import { HttpResponse } from '@smithy/core/protocols';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** `lost` and `reset`: it took effect, and then no answer, or a broken connection. The others: it took none. */
export type Trouble = 'lost' | 'reset' | 'throttled' | 'conflict' | 'broken' | 'away';

export type FaultyHandler = {
  requestHandler: NodeHttpHandler;
  /** The trouble each coming request meets, first one first. */
  troubles: (Trouble | undefined)[];
  /** Every operation that was sent: `UpdateItem`, … */
  sent: string[];
};

const REFUSALS: Partial<Record<Trouble, [status: number, name: string]>> = {
  throttled: [400, 'ProvisionedThroughputExceededException'],
  conflict: [400, 'TransactionConflictException'],
  broken: [500, 'InternalServerError'],
};

export function createFaultyHandler(): FaultyHandler {
  const troubles: FaultyHandler['troubles'] = [];
  const sent: string[] = [];

  class Faulty extends NodeHttpHandler {
    override async handle(...[request, options]: Parameters<NodeHttpHandler['handle']>): ReturnType<NodeHttpHandler['handle']> {
      sent.push(request.headers['x-amz-target']!.split('.').at(-1)!);
      const trouble = troubles.shift();
      if (!trouble) return super.handle(request, options);
      if (trouble === 'away') throw failure('ECONNREFUSED');
      const refusal = REFUSALS[trouble];
      if (refusal) return { response: refusing(...refusal) };
      const { response } = await super.handle(request, options);
      for await (const _ of response.body) break;
      throw failure(trouble === 'lost' ? 'TimeoutError' : 'ECONNRESET');
    }
  }
  return { requestHandler: new Faulty(), troubles, sent };
}

function refusing(statusCode: number, name: string): HttpResponse {
  const body = Readable.from([JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'It is a test.' })]);
  return new HttpResponse({ statusCode, headers: { 'content-type': 'application/x-amz-json-1.0' }, body });
}

/** As node-http-handler throws them: a time-out by its name, a broken connection by its code. */
function failure(code: string): Error {
  return Object.assign(new Error(code), code === 'TimeoutError' ? { name: code } : { code });
}
