// The Bedrock stand-in: Bedrock's runtime API on a loopback port, for unmodified AWS SDK clients. No model behind it, no account needed.
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { House } from './call.ts';
import { createFaults } from './faults.ts';
import { createListener, type Handler } from './listen.ts';
import { createPromptCache } from './prompt-cache.ts';
import { replyTo } from './reply.ts';
import { answer } from './routes.ts';
import { createTally, type TallyReport } from './tally.ts';

interface StandinOptions {
  /** Before the first token. */
  firstTokenMs?: number;
  /** For each further token; at 0 no timer is used at all. */
  tokenMs?: number;
  recordingsFolder?: string;
}

export interface Standin {
  /** Port 0 takes a free one. */
  listen(port: number, host?: string): Promise<{ url: string }>;
  close(): Promise<void>;
  tally(): TallyReport;
  /** The inference profiles that were looked up, one for each time. */
  profileLookups(): string[];
}

const RECORDINGS = fileURLToPath(new URL('../../test/recordings', import.meta.url));

export function createStandin({ firstTokenMs = 0, tokenMs = 0, recordingsFolder = RECORDINGS }: StandinOptions = {}): Standin {
  const house: House = {
    pace: { firstTokenMs, tokenMs },
    cache: createPromptCache(),
    tally: createTally(),
    faults: createFaults(),
    recordingsFolder,
    profileLookups: [],
  };
  const listener = createListener(handlerOf(house));
  return {
    async listen(port, host = '127.0.0.1') {
      const address = await listener.listen(port, host);
      return { url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}` };
    },
    close: listener.close,
    tally: house.tally.report,
    profileLookups: () => [...house.profileLookups],
  };
}

function handlerOf(house: House): Handler {
  return (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      response.setHeader('x-amzn-requestid', randomUUID());
      const asked = {
        method: request.method ?? '',
        path: request.url ?? '',
        isSigned: request.headers.authorization !== undefined,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      void answer(house, asked, replyTo(response));
    });
  };
}
