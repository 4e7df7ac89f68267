// A short way to Converse for the ordinary call. The SDK's client decides where calls go and by whose credentials; its signer signs and its
// handler sends; only its chain of middleware and schemas, half of a call's CPU, is left out. Whatever is not an ordinary answer is shown to
// the client as the first of its own attempts: it reads the error, waits, and tries once more. Law: never an attempt more than the client's.
import { type BedrockRuntimeClient, ConverseCommand, type ConverseCommandInput } from '@aws-sdk/client-bedrock-runtime';
import { getEndpointFromInstructions } from '@smithy/core/endpoints';
import { extendedEncodeURIComponent, type HttpResponse } from '@smithy/core/protocols';
import { createSendSigned } from '../platform/signed.ts';

/** What the first attempt came to. */
export type FirstTry = { answer: HttpResponse; failure?: undefined } | { answer?: undefined; failure: unknown };

type Options = { abortSignal: AbortSignal };

export type ShortWay = {
  /** Sends the call once; `undefined` where only the client can send it. */
  attempt(operation: 'converse' | 'converse-stream', input: ConverseCommandInput, options: Options): Promise<FirstTry | undefined>;
  /** Lets the client go on from there when it is given a command of the same input. */
  replay(input: ConverseCommandInput, tried: FirstTry): void;
};

const BEARER = /httpBearerAuth/;

export function createShortWay(client: BedrockRuntimeClient): ShortWay {
  const { config } = client;
  const send = createSendSigned(config, 'bedrock');
  const tries = new WeakMap<object, FirstTry>();
  let place: Promise<URL> | undefined;
  let isSigned: Promise<boolean> | undefined;

  client.middlewareStack.add(
    (next) => async (args) => {
      const tried = tries.get(args.input);
      if (!tried) return next(args);
      tries.delete(args.input);
      if (tried.answer) return { response: tried.answer } as never;
      throw tried.failure;
    },
    { step: 'deserialize', priority: 'low', name: 'replayFirstTry', override: true },
  );

  async function signs(): Promise<boolean> {
    const [preferred = ''] = await config.authSchemePreference();
    return !BEARER.test(preferred);
  }

  async function findPlace(): Promise<URL> {
    return (await getEndpointFromInstructions({}, ConverseCommand, { ...config })).url;
  }

  return {
    async attempt(operation, input, { abortSignal }) {
      if (!isPlain(input)) return undefined;
      try {
        isSigned ??= signs();
        if (!(await isSigned)) return undefined;
        place ??= findPlace();
        const { modelId, ...fields } = input;
        const path = `${(await place).pathname.replace(/\/$/, '')}/model/${extendedEncodeURIComponent(modelId!)}/${operation}`;
        const headers = { 'content-type': 'application/json' };
        const request = { method: 'POST', place: await place, path, headers, body: JSON.stringify(fields) };
        return { answer: await send(request, { abortSignal }) };
      } catch (failure) {
        // Asked again by the next call: what failed may have been the way here.
        place = undefined;
        isSigned = undefined;
        return { failure };
      }
    },

    replay(input, tried) {
      tries.set(input, tried);
    },
  };
}

type Message = NonNullable<ConverseCommandInput['messages']>[number];
type Block = NonNullable<Message['content']>[number];

/** JSON as it is. Bytes have to be encoded first, and the client knows where they may be. */
function isPlain({ messages = [], system = [] }: ConverseCommandInput): boolean {
  return system.every(({ guardContent }) => !guardContent) && messages.every(({ content = [] }) => content.every(isPlainBlock));
}

function isPlainBlock({ text, toolUse, toolResult, cachePoint, reasoningContent }: Block): boolean {
  if (text !== undefined || toolUse || cachePoint) return true;
  if (toolResult) return (toolResult.content ?? []).every((part) => part.text !== undefined || part.json !== undefined);
  return reasoningContent?.reasoningText !== undefined;
}
