// How the upstream is asked. An answer that may take long comes as a stream, whatever the client asked for: then it is known whether the
// model has begun, and a silence is told from a long answer. A short one comes whole, which costs a fraction of the CPU.
import type { Converse, ConverseEvent, ConverseRequest } from '../bedrock/converse.ts';
import type { Model } from '../catalog/model.ts';

/** At the pace of a slow model, 20 tokens a second, this is said within the shortest patience an edge can have, a minute. */
const WHOLE_UP_TO_TOKENS = 1_024;

export function askModel(
  converse: Converse,
  { model, target, request, isStream }: { model: Model; target: string; request: ConverseRequest; isStream: boolean },
): AsyncIterableIterator<ConverseEvent, void> {
  const { streaming, toolsInStream } = model.abilities;
  const canStream = streaming && (toolsInStream || !request.toolConfig);
  const mayTakeLong = request.inferenceConfig!.maxTokens! > WHOLE_UP_TO_TOKENS;
  // A model that cannot stream answers whole; the reader gets the events of a stream all the same.
  return canStream && (isStream || mayTakeLong) ? converse.stream(target, request) : converse.whole(target, request);
}
