// An Anthropic Messages body, as InvokeModel takes it for Claude, read as the Converse request that means the same. Pure.
import { invalid } from './refusal.ts';
import type { ContentBlock, ConverseRequest, Json, JsonObject, Message, Tool } from './wire.ts';

interface AnthropicBlock {
  type: string;
  text?: string;
  thinking?: string;
  signature?: string;
  data?: string;
  source?: { type: string; media_type?: string; data?: string };
  title?: string;
  id?: string;
  name?: string;
  input?: Json;
  tool_use_id?: string;
  content?: string | AnthropicBlock[];
  is_error?: boolean;
  cache_control?: { ttl?: string };
}

interface AnthropicRequest {
  anthropic_version?: string;
  max_tokens?: number;
  messages?: { role: 'user' | 'assistant'; content: string | AnthropicBlock[] }[];
  system?: string | AnthropicBlock[];
  temperature?: number;
  top_p?: number;
  stop_sequences?: string[];
  tools?: { name: string; description?: string; input_schema: JsonObject; cache_control?: { ttl?: string } }[];
  tool_choice?: { type: string; name?: string };
  thinking?: JsonObject;
  output_config?: JsonObject;
}

const BEDROCK_VERSION = 'bedrock-2023-05-31';

export function fromMessagesRequest(unknownBody: unknown): ConverseRequest {
  const body = unknownBody as AnthropicRequest;
  for (const key of ['anthropic_version', 'max_tokens', 'messages'] as const) {
    if (body[key] === undefined)
      throw invalid(`Malformed input request: #: required key [${key}] not found, please reformat your input and try again.`);
  }
  for (const key of ['model', 'stream'].filter((key) => key in body)) throw invalid(`${key}: Extra inputs are not permitted`);
  if (body.anthropic_version !== BEDROCK_VERSION) throw invalid(`Invalid API version: use anthropic_version ${BEDROCK_VERSION}.`);
  if (!Array.isArray(body.messages)) throw invalid('messages: Input should be a valid list');
  return {
    messages: body.messages.map((message): Message => ({ role: message.role, content: toBlocks(message.content) })),
    system: toBlocks(body.system ?? []),
    inferenceConfig: { maxTokens: body.max_tokens, temperature: body.temperature, topP: body.top_p, stopSequences: body.stop_sequences },
    ...(body.tools?.length && { toolConfig: toToolConfig(body) }),
    additionalModelRequestFields: {
      ...(body.thinking && { thinking: body.thinking }),
      ...(body.output_config && { output_config: body.output_config }),
    },
  };
}

function toToolConfig({ tools = [], tool_choice: choice }: AnthropicRequest): ConverseRequest['toolConfig'] {
  const listed = tools.flatMap((tool): Tool[] => [
    { toolSpec: { name: tool.name, description: tool.description, inputSchema: { json: tool.input_schema ?? { type: 'object' } } } },
    ...(tool.cache_control ? [{ cachePoint: { type: 'default', ttl: tool.cache_control.ttl } }] : []),
  ]);
  if (choice?.type === 'any') return { tools: listed, toolChoice: { any: {} } };
  if (choice?.type === 'tool') return { tools: listed, toolChoice: { tool: { name: choice.name ?? '' } } };
  // Tools that must not be called still have to be there for the history.
  return { tools: listed, toolChoice: choice?.type === 'none' ? { none: {} } : { auto: {} } };
}

function toBlocks(content: string | AnthropicBlock[]): ContentBlock[] {
  if (typeof content === 'string') return [{ text: content }];
  return content.flatMap((block) => [
    toBlock(block),
    ...(block.cache_control ? [{ cachePoint: { type: 'default', ttl: block.cache_control.ttl } }] : []),
  ]);
}

function toBlock(block: AnthropicBlock): ContentBlock {
  switch (block.type) {
    case 'text':
      return { text: block.text ?? '' };
    case 'image':
      return { image: { format: formatOf(block), source: { bytes: block.source?.data ?? '' } } };
    case 'document':
      return { document: toDocument(block) };
    case 'thinking':
      return { reasoningContent: { reasoningText: { text: block.thinking ?? '', signature: block.signature } } };
    case 'redacted_thinking':
      return { reasoningContent: { redactedContent: block.data } };
    case 'tool_use':
      return { toolUse: { toolUseId: block.id ?? '', name: block.name ?? '', input: block.input ?? {} } };
    case 'tool_result':
      return {
        toolResult: {
          toolUseId: block.tool_use_id ?? '',
          content: toBlocks(block.content ?? []),
          status: block.is_error ? 'error' : 'success',
        },
      };
    default:
      throw invalid(`messages: Input tag '${block.type}' found using 'type' does not match any of the expected tags`);
  }
}

function toDocument(block: AnthropicBlock): ContentBlock['document'] {
  const { source } = block;
  const name = (block.title ?? 'document').replaceAll(/[^A-Za-z0-9\-()[\]]+/g, ' ').trim() || 'document';
  return source?.type === 'text'
    ? { format: 'txt', name, source: { text: source.data } }
    : { format: formatOf(block), name, source: { bytes: source?.data } };
}

function formatOf({ source }: AnthropicBlock): string {
  return source?.media_type?.split('/')[1] ?? 'png';
}
