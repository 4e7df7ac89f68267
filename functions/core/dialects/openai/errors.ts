// Errors in OpenAI's shape, as an answer and inside a stream. Pure.
import type { GatewayError } from '../../platform/errors.ts';

/** OpenAI's own words for it. Clients that shorten a conversation by themselves look for them in the message, LangChain for one. */
const TOO_LONG = 'maximum context length';

export function toOpenAiError({ message, row, code, details }: GatewayError): object {
  const isUntold = code === 'context_length_exceeded' && !message.includes(TOO_LONG);
  const told = isUntold ? `${message} This exceeds the model's ${TOO_LONG}.` : message;
  return { error: { message: told, type: row.openai, param: details.param ?? null, code } };
}

/** The frame that ends a stream that failed. No [DONE] follows it. */
export function toOpenAiErrorFrame(error: GatewayError): string {
  return `data: ${JSON.stringify(toOpenAiError(error))}\n\n`;
}
