// Errors in OpenAI's shape, as an answer and inside a stream. Pure.
import type { GatewayError } from '../../platform/errors.ts';

export function toOpenAiError({ message, row, code, details }: GatewayError): object {
  return { error: { message, type: row.openai, param: details.param ?? null, code: row.openaiCode ?? code } };
}

/** The frame that ends a stream that failed. No [DONE] follows it. */
export function toOpenAiErrorFrame(error: GatewayError): string {
  return `data: ${JSON.stringify(toOpenAiError(error))}\n\n`;
}
