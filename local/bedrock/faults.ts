// Faults on request: a model id that is, or ends in, `.fault-<name>`. `-once` fails the first attempt of a body and lets the second pass.
import { createHash } from 'node:crypto';
import { errorFrame, exceptionFrame } from './frames.ts';
import type { Model } from './models.ts';
import { invalid, Refusal } from './refusal.ts';
import { FEATURE_FAULTS, featureRefusal } from './refused-features.ts';

/** Refused before the answer starts. */
const REFUSALS: Record<string, (modelId: string) => Refusal> = {
  throttle: () => new Refusal('ThrottlingException', 'Too many requests, please wait before trying again.'),
  'throttle-retry-after': () =>
    new Refusal('ThrottlingException', 'Too many tokens, please wait before trying again.', { headers: { 'retry-after': '7' } }),
  'throttle-daily': () => new Refusal('ThrottlingException', 'Too many tokens per day, please wait before trying again.'),
  quota: () => new Refusal('ServiceQuotaExceededException', 'Your request exceeds the service quota for your account.'),
  validation: () => new Refusal('ValidationException', 'Malformed input request, please reformat your input and try again.'),
  context: () => new Refusal('ValidationException', 'Input is too long for requested model.'),
  'profile-only': (modelId) =>
    new Refusal(
      'ValidationException',
      `Invocation of model ID ${modelId} with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
    ),
  'access-denied': () => new Refusal('AccessDeniedException', "You don't have access to the model with the specified model ID."),
  'not-found': () =>
    new Refusal(
      'ResourceNotFoundException',
      'This model version has reached the end of its life. Please refer to the AWS documentation for more details.',
    ),
  'expired-token': () => new Refusal('ExpiredTokenException', 'The security token included in the request is expired'),
  unavailable: () => new Refusal('ServiceUnavailableException', 'Bedrock is unable to process your request.'),
  internal: () =>
    new Refusal('InternalServerException', 'The system encountered an unexpected error during processing. Try your request again.'),
  'not-ready': () => new Refusal('ModelNotReadyException', 'Model is not ready for inference.'),
  timeout: () => new Refusal('ModelTimeoutException', 'Model has timed out in processing the request. Try your request again.'),
  'model-refused': (modelId) =>
    new Refusal('ModelErrorException', 'The model refused the request.', { fields: { originalStatusCode: 422, resourceName: modelId } }),
  'model-throttle': (modelId) =>
    new Refusal('ModelErrorException', 'Too many requests.', { fields: { originalStatusCode: 429, resourceName: modelId } }),
  image: () => new Refusal('ValidationException', 'The model returned the following errors: messages.0.content.0: Could not process image'),
  blocked: () => new Refusal('ValidationException', 'The request was blocked by our content filters.'),
  'model-error': (modelId) =>
    new Refusal('ModelErrorException', 'The model failed while it worked on the request.', {
      fields: { originalStatusCode: 500, resourceName: modelId },
    }),
};

/** Frames that end a stream half way, or take the place of its first event where the name says start. */
const STREAM_ENDS: Record<string, () => Buffer> = {
  midstream: () => exceptionFrame('modelStreamErrorException', 'The model failed in the middle of its answer.'),
  'midstream-throttle': () => exceptionFrame('throttlingException', 'Too many tokens, please wait before trying again.'),
  'midstream-validation': () => exceptionFrame('validationException', 'The model produced an answer that is not valid.'),
  'midstream-internal': () => exceptionFrame('internalServerException', 'The system encountered an unexpected error during processing.'),
  'midstream-unavailable': () => exceptionFrame('serviceUnavailableException', 'Bedrock is unable to process your request.'),
  'midstream-error': () => errorFrame('InternalFailure', 'An error that the service model does not know.'),
  'stream-start': () => exceptionFrame('throttlingException', 'Too many requests, please wait before trying again.'),
};

/** How the transport misbehaves half way through a stream. */
const TRANSPORT = ['silent-end', 'truncated', 'bad-checksum', 'reset', 'stall'] as const;
const OTHERS = ['reset-start', 'hang', 'slow', 'html', 'no-metadata'] as const;

type TransportFault = (typeof TRANSPORT)[number];

export interface StreamFault {
  /** An exception to send half way, or first. */
  lastFrame?: Buffer;
  isFirst?: boolean;
  transport?: TransportFault;
}

const FAULT_NAMES: readonly string[] = [...FEATURE_FAULTS, ...Object.keys(REFUSALS), ...Object.keys(STREAM_ENDS), ...TRANSPORT, ...OTHERS];

export interface Faults {
  /** The fault that applies to this attempt, by name; none when `-once` has had its turn. */
  of(model: Model, body: string): string | undefined;
}

export function createFaults(): Faults {
  const failed = new Set<string>();
  return {
    of(model, body) {
      if (!model.fault) return undefined;
      const name = model.fault.replace(/-once$/, '');
      if (!FAULT_NAMES.includes(name))
        throw new Refusal('ValidationException', `There is no fault named ${name}. Known: ${FAULT_NAMES.join(', ')}.`);
      if (name === model.fault) return name;
      const attempt = createHash('sha256').update(model.id).update(body).digest('base64');
      if (failed.delete(attempt)) return undefined;
      failed.add(attempt);
      return name;
    },
  };
}

export function refusalOf(fault: string | undefined, modelId: string, body: string): Refusal | undefined {
  const objection = featureRefusal(fault, body);
  return objection === undefined ? REFUSALS[fault ?? '']?.(modelId) : invalid(objection);
}

export function streamFaultOf(fault: string | undefined): StreamFault | undefined {
  const end = STREAM_ENDS[fault ?? ''];
  if (end) return { lastFrame: end(), isFirst: fault === 'stream-start' };
  const transport = TRANSPORT.find((name) => name === fault);
  return transport && { transport };
}
