// Bedrock's Converse API as JSON on the wire: bytes are base64 strings, documents are plain JSON. Types only.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined };
export type JsonObject = { [key: string]: Json | undefined };

export interface MediaSource {
  bytes?: string;
  text?: string;
  s3Location?: { uri: string };
}

export interface ToolUse {
  toolUseId: string;
  name: string;
  input: Json;
}

export interface ToolResult {
  toolUseId: string;
  content: ContentBlock[];
  status?: 'success' | 'error';
}

export interface ContentBlock {
  text?: string;
  json?: Json;
  image?: { format: string; source: MediaSource };
  video?: { format: string; source: MediaSource };
  audio?: { format: string; source: MediaSource };
  document?: { format?: string; name: string; source: MediaSource };
  toolUse?: ToolUse;
  toolResult?: ToolResult;
  reasoningContent?: { reasoningText?: { text: string; signature?: string }; redactedContent?: string };
  cachePoint?: { type: string; ttl?: string };
  guardContent?: { text?: { text: string } };
}

export interface Message {
  role: 'user' | 'assistant';
  content: ContentBlock[];
}

export interface Tool {
  toolSpec?: { name: string; description?: string; inputSchema: { json: JsonObject } };
  cachePoint?: { type: string; ttl?: string };
}

export interface ConverseRequest {
  messages: Message[];
  system?: ContentBlock[];
  inferenceConfig?: { maxTokens?: number; temperature?: number; topP?: number; stopSequences?: string[] };
  toolConfig?: { tools: Tool[]; toolChoice?: { auto?: object; none?: object; any?: object; tool?: { name: string } } };
  additionalModelRequestFields?: JsonObject;
  additionalModelResponseFieldPaths?: string[];
  outputConfig?: { textFormat?: { type: string; structure?: { jsonSchema?: { schema: string; name?: string } } } };
  guardrailConfig?: { guardrailIdentifier: string; guardrailVersion: string };
}

export interface Usage {
  inputTokens: number;
  outputTokens: number;
  totalTokens: number;
  cacheReadInputTokens?: number;
  cacheWriteInputTokens?: number;
  cacheDetails?: { ttl: string; inputTokens: number }[];
}

export interface ConverseOutput {
  output: { message: Message };
  stopReason: string;
  usage: Usage;
  metrics: { latencyMs: number };
  additionalModelResponseFields?: JsonObject;
}

/** One event of a Converse stream: exactly one member, as in the SDK's union. */
export interface StreamEvent {
  messageStart?: { role: string };
  contentBlockStart?: { contentBlockIndex: number; start: { toolUse?: { toolUseId: string; name: string } } };
  contentBlockDelta?: {
    contentBlockIndex: number;
    delta: {
      text?: string;
      toolUse?: { input: string };
      reasoningContent?: { text?: string; signature?: string; redactedContent?: string };
    };
  };
  contentBlockStop?: { contentBlockIndex: number };
  messageStop?: { stopReason: string; additionalModelResponseFields?: JsonObject };
  metadata?: { usage: Usage; metrics?: { latencyMs: number } };
}
