// What the code answers through the Runtime API, and how a function URL shows it to the client.
//
//   streamed   {"statusCode":…,"headers":…,"cookies":…} NUL×8 body…      [trailers Lambda-Runtime-Function-Error-*]
//   whole      JSON                                                      (or POST …/error)
import type { IncomingMessage, ServerResponse } from 'node:http';

export type Answer = {
  /** Resolves when the code has said all; to what went wrong, if something did. */
  failure: Promise<string | undefined>;
  /** Passes a streamed answer on as it comes. A client that leaves is not noticed: the code is read to its end. */
  writeTo(client: ServerResponse): void;
  /** The value the handler returned. Throws what it threw. */
  whole(): Promise<unknown>;
};

const PRELUDE_END = Buffer.alloc(8);

export function readAnswer(request: IncomingMessage, verb: string): Answer {
  const received: Buffer[] = [];
  let take = (chunk: Buffer) => void received.push(chunk);
  request.on('data', (chunk: Buffer) => take(chunk));
  const failure = new Promise<string | undefined>((resolve) => {
    const body = () => Buffer.concat(received).toString();
    request.on('end', () =>
      resolve(verb === 'error' ? body() : (request.trailers['lambda-runtime-function-error-type'] as string | undefined)),
    );
    request.on('error', (error) => resolve(error.message));
  });

  return {
    failure,
    writeTo(client) {
      let head = Buffer.concat(received);
      take = (chunk) => {
        if (client.headersSent) return void client.write(chunk);
        head = Buffer.concat([head, chunk]);
        const end = head.indexOf(PRELUDE_END);
        if (end < 0) return;
        writeHead(client, head.subarray(0, end).toString());
        const rest = head.subarray(end + PRELUDE_END.length);
        if (rest.length > 0) client.write(rest);
      };
      take(Buffer.alloc(0));
      failure.then((failed) => {
        if (failed === undefined && client.headersSent) client.end();
        else breakOff(client);
      });
    },
    async whole() {
      const failed = await failure;
      if (failed !== undefined) throw new Error(failed);
      return JSON.parse(Buffer.concat(received).toString());
    },
  };
}

/** The answer of code that ended without giving one. */
export function noAnswer(failure: string): Answer {
  return {
    failure: Promise.resolve(failure),
    writeTo: breakOff,
    whole: () => Promise.reject(new Error(failure)),
  };
}

/** What is left to say when the code fails: a status while there is none, else the end of the connection. */
function breakOff(client: ServerResponse): void {
  if (client.headersSent) client.destroy();
  else client.writeHead(502).end('Internal Server Error');
}

function writeHead(client: ServerResponse, prelude: string): void {
  const { statusCode = 200, headers = {}, cookies = [] } = JSON.parse(prelude);
  client.writeHead(statusCode, { ...headers, ...(cookies.length > 0 && { 'set-cookie': cookies }) });
  client.flushHeaders();
}
