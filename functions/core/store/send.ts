// A short way to DynamoDB for the ordinary case. The SDK's client decides where calls go and by whose credentials; its signer signs and its
// handler sends; only its chain of middleware, three quarters of a call's CPU, is left out. Whatever is not an ordinary answer goes through
// the client itself, with its retries and clock correction: every write of the store is conditional, so sending one twice does no harm.
import {
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  type BatchGetItemCommandOutput,
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  type BatchWriteItemCommandOutput,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DeleteItemCommandInput,
  type DynamoDBClient,
  GetItemCommand,
  type GetItemCommandInput,
  type GetItemCommandOutput,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
  type UpdateItemCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { getEndpointFromInstructions } from '@smithy/core/endpoints';
import { createSendSigned, readText } from '../platform/signed.ts';

const COMMANDS = {
  GetItem: GetItemCommand,
  BatchGetItem: BatchGetItemCommand,
  BatchWriteItem: BatchWriteItemCommand,
  PutItem: PutItemCommand,
  UpdateItem: UpdateItemCommand,
  DeleteItem: DeleteItemCommand,
  Query: QueryCommand,
};

type Inputs = {
  GetItem: GetItemCommandInput;
  BatchGetItem: BatchGetItemCommandInput;
  BatchWriteItem: BatchWriteItemCommandInput;
  PutItem: PutItemCommandInput;
  UpdateItem: UpdateItemCommandInput;
  DeleteItem: DeleteItemCommandInput;
  Query: QueryCommandInput;
};

type Outputs = {
  GetItem: GetItemCommandOutput;
  BatchGetItem: BatchGetItemCommandOutput;
  BatchWriteItem: BatchWriteItemCommandOutput;
  PutItem: { Attributes?: UpdateItemCommandOutput['Attributes'] };
  UpdateItem: { Attributes?: UpdateItemCommandOutput['Attributes'] };
  DeleteItem: object;
  Query: QueryCommandOutput;
};

type Operation = keyof Inputs;

/** Attribute values are in DynamoDB's own form; the store uses strings, numbers, booleans, nulls, lists and maps, which are JSON as they are. */
export type Send = <Name extends Operation>(operation: Name, input: Inputs[Name]) => Promise<Outputs[Name]>;

/** What an answer was: ordinary, a condition that does not hold, or nothing this way can deal with. */
type Answer = { output: unknown } | { refusal: { message?: string; Item?: ConditionalCheckFailedException['Item'] } } | undefined;

const TARGET = 'DynamoDB_20120810';
const CONDITION_FAILED = 'ConditionalCheckFailedException';

export function createSend(client: DynamoDBClient): Send {
  const { config } = client;
  const sendSigned = createSendSigned(config, 'dynamodb');
  let endpoint: Promise<URL> | undefined;

  async function resolveEndpoint(): Promise<URL> {
    const { url } = await getEndpointFromInstructions({}, UpdateItemCommand, { ...config });
    return url;
  }

  async function shortcut(operation: Operation, input: object): Promise<Answer> {
    endpoint ??= resolveEndpoint();
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `${TARGET}.${operation}` };
    const response = await sendSigned({ method: 'POST', place: await endpoint, path: '/', headers, body: JSON.stringify(input) });
    const answered = JSON.parse(await readText(response.body));
    if (response.statusCode === 200) return { output: answered };
    return String(answered.__type).endsWith(`#${CONDITION_FAILED}`) ? { refusal: answered } : undefined;
  }

  return async (operation, input) => {
    const answer = await shortcut(operation, input).catch(() => undefined);
    if (answer === undefined) {
      endpoint = undefined;
      // The union of commands has no common input; the operation's name ties the two together.
      const Command = COMMANDS[operation] as unknown as new (from: object) => UpdateItemCommand;
      return (await client.send(new Command(input))) as never;
    }
    if ('output' in answer) return answer.output as never;
    const { message = 'The conditional request failed', Item } = answer.refusal;
    throw new ConditionalCheckFailedException({ message, Item, $metadata: {} });
  };
}
