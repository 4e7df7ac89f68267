// A Converse answer, whole. The ordinary one is read as the JSON it is; what holds bytes or nulls, which are not JSON's business, is left to
// the SDK's own reader. Law: what the SDK would have made of an answer is what comes out here.
import { Readable } from 'node:stream';
import {
  type BedrockRuntimeClient,
  ConverseCommand,
  type ConverseCommandInput,
  type ConverseCommandOutput,
} from '@aws-sdk/client-bedrock-runtime';
import { readText } from '../platform/signed.ts';
import type { ShortWay } from './short-way.ts';

export type WholeAnswer = Omit<ConverseCommandOutput, '$metadata'>;

export type AskConverse = (input: ConverseCommandInput, options: { abortSignal: AbortSignal }) => Promise<WholeAnswer>;

const NOT_PLAIN = /:\s*null|"(bytes|redactedContent)"/;

export function createAskConverse(client: BedrockRuntimeClient, way: ShortWay): AskConverse {
  return async (input, options) => {
    const tried = await way.attempt('converse', input, options);
    if (tried?.answer?.statusCode === 200) {
      const text = await readText(tried.answer.body).catch((failure: Error) => {
        way.replay(input, { failure });
        return undefined;
      });
      if (text !== undefined && !NOT_PLAIN.test(text)) return JSON.parse(text);
      if (text !== undefined) way.replay(input, { answer: Object.assign(tried.answer, { body: Readable.from([Buffer.from(text)]) }) });
    } else if (tried) way.replay(input, tried);
    return client.send(new ConverseCommand(input), options);
  };
}
