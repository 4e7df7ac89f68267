// What the stand-in answers: a deterministic function of the request. Pure.
import { assessText, BLOCKED_MESSAGE } from './guardrail.ts';
import { longTextFor } from './long-texts.ts';
import { captionOf, documentTextOf, isMedia } from './media.ts';
import type { Model } from './models.ts';
import { isGreeting, phrasesFor } from './phrases.ts';
import { isReasoningHidden, signatureOf, wantsReasoning } from './reasoning.ts';
import { invalid } from './refusal.ts';
import { valueFor } from './schema-values.ts';
import { toolCallsFor } from './tools.ts';
import type { ContentBlock, ConverseRequest, JsonObject } from './wire.ts';

export interface Draft {
  blocks: ContentBlock[];
  stopReason: string;
}

export function draftAnswer(model: Model, request: ConverseRequest): Draft {
  const last = request.messages.findLast((message) => message.role === 'user')!;
  const text = textOf(last.content);
  if (request.guardrailConfig && assessText(text).isBlocked)
    return { blocks: [{ text: BLOCKED_MESSAGE }], stopReason: 'guardrail_intervened' };
  const reasoning = wantsReasoning(model, request) ? [reasoningAbout(model, text)] : [];
  const results = last.content.filter((block) => block.toolResult);
  const isForced = Boolean(request.toolConfig?.toolChoice?.any || request.toolConfig?.toolChoice?.tool);
  const mayCall = isForced || (results.length === 0 && echoOf(last.content) === undefined);
  const calls = mayCall ? toolCallsFor(request, text, JSON.stringify(request.messages.length) + text) : [];
  if (calls.length > 0) return { blocks: [...reasoning, ...calls.map((toolUse) => ({ toolUse }))], stopReason: 'tool_use' };
  return { blocks: [...reasoning, { text: textAnswer(request, last.content, text) }], stopReason: 'end_turn' };
}

function textAnswer(request: ConverseRequest, content: ContentBlock[], text: string): string {
  const schema = schemaOf(request);
  if (schema) return JSON.stringify(valueFor(schema, text));
  const echo = echoOf(content);
  if (echo !== undefined) return echo;
  const answer = plainAnswer(request, content, text);
  return asksForJson(request) ? JSON.stringify({ answer }) : answer;
}

function plainAnswer(request: ConverseRequest, content: ContentBlock[], text: string): string {
  const asked = text || textOf(request.messages.flatMap((message) => (message.role === 'user' ? message.content : [])));
  const phrases = phrasesFor(asked);
  const results = content.flatMap((block) => block.toolResult ?? []);
  if (results.length > 0) {
    const names = new Map(
      request.messages.flatMap(({ content }) => content.map((block) => [block.toolUse?.toolUseId, block.toolUse?.name])),
    );
    return results.map((result) => phrases.toolSaid(names.get(result.toolUseId) ?? 'tool', resultTextOf(result.content))).join('\n');
  }
  const long = longTextFor(text, phrases);
  if (long) return long;
  const media = content.filter(isMedia);
  if (media.length > 0) {
    const excerpt = media.map((block) => documentTextOf(block).trim().slice(0, 80)).find(Boolean);
    return phrases.sees(media.map(captionOf).join('; ')) + (excerpt ? ` “${excerpt}”` : '');
  }
  return isGreeting(text) ? phrases.greeting : phrases.reply(topicOf(text));
}

/** `echo hello` is answered with `hello`, whichever text block says so. */
function echoOf(content: ContentBlock[]): string | undefined {
  for (const { text } of content) {
    const echo = /^\s*echo[\s:：]+([\s\S]+)$/i.exec(text ?? '')?.[1];
    if (echo) return echo;
  }
  return undefined;
}

function reasoningAbout(model: Model, text: string): ContentBlock {
  const thought = phrasesFor(text).thinks(topicOf(text));
  if (isReasoningHidden(model)) return { reasoningContent: { redactedContent: Buffer.from(thought).toString('base64') } };
  const signature = model.vendor === 'anthropic' || model.vendor === 'standin' ? { signature: signatureOf(thought) } : {};
  return { reasoningContent: { reasoningText: { text: thought, ...signature } } };
}

function schemaOf(request: ConverseRequest): JsonObject | undefined {
  const schema = request.outputConfig?.textFormat?.structure?.jsonSchema?.schema;
  if (schema !== undefined) {
    try {
      return JSON.parse(schema);
    } catch {
      throw invalid('The value at outputConfig.textFormat.structure.jsonSchema.schema is not valid JSON.');
    }
  }
  const format = (request.additionalModelRequestFields?.output_config as JsonObject | undefined)?.format as JsonObject | undefined;
  return format?.schema as JsonObject | undefined;
}

function asksForJson(request: ConverseRequest): boolean {
  return /single JSON object|valid JSON|only (?:a )?JSON|JSON object only/i.test(textOf(request.system ?? []));
}

function textOf(content: ContentBlock[]): string {
  return content.flatMap((block) => block.text ?? block.guardContent?.text?.text ?? []).join('\n');
}

function resultTextOf(content: ContentBlock[] = []): string {
  return content.map((block) => block.text ?? (block.json === undefined ? captionOf(block) : JSON.stringify(block.json))).join(' ');
}

function topicOf(text: string): string {
  const line = text.trim().split('\n').at(-1)!.trim();
  return line.length > 120 ? `${[...line].slice(0, 120).join('')}…` : line;
}
