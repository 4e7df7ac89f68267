// What Bedrock refuses about a Converse request before any model sees it, in its words. Pure; throws a Refusal.

import type { Model } from './models.ts';
import { invalid, Refusal, violated } from './refusal.ts';
import { validateModelRules } from './validate-model-rules.ts';
import { validateTools } from './validate-tools.ts';
import type { ContentBlock, ConverseRequest, Message } from './wire.ts';

const CACHE_POINTS_MAX = 4;
const IMAGE_FORMATS = ['png', 'jpeg', 'gif', 'webp'];
const DOCUMENT_NAME = /^[A-Za-z0-9\-()[\]]+(?: [A-Za-z0-9\-()[\]]+)*$/;

export function validateConverse(model: Model, request: ConverseRequest): void {
  validateShape(request);
  validateInference(request);
  validateTurns(request.messages);
  request.system?.forEach((block, index) => {
    validateText(block, `system.${index}`);
  });
  request.messages.forEach((message, index) => {
    message.content.forEach((block, at) => {
      validateBlock(block, `messages.${index}.content.${at}`);
    });
  });
  validateTools(request);
  validateCachePoints(request);
  validateModelRules(model, request);
}

function validateShape(request: ConverseRequest): void {
  const isList = (value: unknown) => value === undefined || Array.isArray(value);
  const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  const isMessage = (message: unknown) =>
    isObject(message) && Array.isArray((message as Message).content) && (message as Message).content.every(isObject);
  const isSound =
    isObject(request) &&
    isList(request.messages) &&
    isList(request.system) &&
    (request.messages ?? []).every(isMessage) &&
    (request.system ?? []).every(isObject);
  if (!isSound) throw new Refusal('SerializationException', 'The request body does not have the structure of a Converse request.');
  if (!request.messages?.length) throw violated('messages', '[]', 'have length greater than or equal to 1');
}

function validateInference({ inferenceConfig = {} }: ConverseRequest): void {
  const { maxTokens, temperature, topP, stopSequences = [] } = inferenceConfig;
  if (maxTokens !== undefined && !Number.isInteger(maxTokens)) throw new Refusal('SerializationException', 'maxTokens is not an integer.');
  if (maxTokens !== undefined && maxTokens < 1)
    throw violated('inferenceConfig.maxTokens', maxTokens, 'have value greater than or equal to 1');
  validateFraction('inferenceConfig.temperature', temperature);
  validateFraction('inferenceConfig.topP', topP);
  if (stopSequences.includes(''))
    throw violated('inferenceConfig.stopSequences', "['']", 'satisfy constraint: [Member must have length greater than or equal to 1]');
}

function validateFraction(path: string, value: number | undefined): void {
  if (value === undefined) return;
  if (typeof value !== 'number') throw new Refusal('SerializationException', `${path} is not a number.`);
  if (value < 0) throw violated(path, value, 'have value greater than or equal to 0');
  if (value > 1) throw violated(path, value, 'have value less than or equal to 1');
}

function validateTurns(messages: Message[]): void {
  messages.forEach(({ role, content }, index) => {
    if (role !== 'user' && role !== 'assistant')
      throw violated(`messages.${index + 1}.member.role`, role, 'satisfy enum value set: [user, assistant]');
    if (index === 0 && role !== 'user') {
      throw invalid('A conversation must start with a user message. Try again with a conversation that starts with a user message.');
    }
    if (index > 0 && role === messages[index - 1]!.role) {
      throw invalid(
        'A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.',
      );
    }
    if (content.length === 0) {
      throw invalid(
        `The content field in the Message object at messages.${index} is empty. Add a ContentBlock object to the content field and try again.`,
      );
    }
  });
}

function validateBlock(block: ContentBlock, path: string): void {
  validateText(block, path);
  const { image, document, toolResult } = block;
  if (image && !IMAGE_FORMATS.includes(image.format))
    throw violated(`${path}.image.format`, image.format, 'satisfy enum value set: [png, jpeg, gif, webp]');
  if (image && !image.source?.bytes && !image.source?.s3Location)
    throw invalid(`The source field in the ImageBlock object at ${path}.image is empty.`);
  if (document && (document.name.length > 200 || !DOCUMENT_NAME.test(document.name))) {
    throw invalid(
      'The document file name can only contain alphanumeric characters, whitespace characters, hyphens, parentheses, and square brackets. ' +
        "The name can't contain more than one consecutive whitespace character.",
    );
  }
  if (toolResult?.status === 'error' && !toolResult.content?.length) {
    throw invalid(`The content field in the ToolResultBlock object at ${path}.toolResult cannot be empty when status value is error.`);
  }
  toolResult?.content?.forEach((inner, index) => {
    validateText(inner, `${path}.toolResult.content.${index}`);
  });
}

function validateText(block: ContentBlock, path: string): void {
  if (block.text === undefined) return;
  if (typeof block.text !== 'string') throw new Refusal('SerializationException', `${path}.text is not a string.`);
  if (block.text.trim() === '')
    throw invalid(`The text field in the ContentBlock object at ${path} is blank. Add text to the text field, and try again.`);
}

function validateCachePoints({ messages, system = [], toolConfig }: ConverseRequest): void {
  const blocks = [...(toolConfig?.tools ?? []), ...system, ...messages.flatMap((message) => message.content)];
  const count = blocks.filter((block) => block.cachePoint).length;
  if (count > CACHE_POINTS_MAX)
    throw invalid(`A maximum of ${CACHE_POINTS_MAX} blocks with cache_control may be provided. Found ${count}.`);
}
