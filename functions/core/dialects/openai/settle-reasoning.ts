// Whether the model will reason in this request. Thinking gives way where the model would refuse it. Pure.
import type { Message } from '@aws-sdk/client-bedrock-runtime';
import { isUnreasonedToolLoop } from '../content/end-of-turns.ts';
import type { ModelFacts } from '../content/model-facts.ts';
import { type Reasoning, reasoningOf } from '../content/reasoning.ts';
import type { Warnings } from '../content/warnings.ts';
import type { ChatRequest } from './chat-request.ts';

export function settleReasoning(chat: ChatRequest, model: ModelFacts, messages: Message[], warnings: Warnings): Reasoning {
  const wished = reasoningOf(chat.reasoning, model, chat.maxTokens, warnings);
  if (!wished.isThinking) return wished;
  const without = () => reasoningOf(null, model, chat.maxTokens, warnings);
  const { field } = chat.reasoning!;
  const { offered, choice } = chat.tools;
  const isForced = offered.length > 0 && (choice.mode === 'required' || choice.mode === 'named');
  // Thinking that was asked for by name stays, and the tool is not forced; where only an effort was given, the tool counts for more.
  if (isForced && wished.mayGiveWay && model.abilities.forcedTools) {
    warnings.drop(field, 'the model cannot think when a tool is forced');
    return without();
  }
  const isBudgeted = (wished.fields.thinking as { type: string }).type === 'enabled';
  if (!isBudgeted || !isUnreasonedToolLoop(messages)) return wished;
  warnings.note(field, 'the tool call in progress came without its reasoning');
  return without();
}
