// Errors in OpenAI's words.
import { expect, test } from 'vitest';
import { toOpenAiError } from '../../../../functions/core/dialects/openai/errors.ts';
import { GatewayError } from '../../../../functions/core/platform/errors.ts';

const tooLong = (message: string) => toOpenAiError(new GatewayError('context_length_exceeded', message, { param: 'messages' }));

test.each([
  ['Input is too long for requested model.', "Input is too long for requested model. This exceeds the model's maximum context length."],
  ["This model's maximum context length is 128000 tokens.", "This model's maximum context length is 128000 tokens."],
])("%s: the upstream's words for too long a prompt are kept, and OpenAI's are among them", (message, told) => {
  expect(tooLong(message)).toEqual({
    error: { message: told, type: 'invalid_request_error', param: 'messages', code: 'context_length_exceeded' },
  });
});
