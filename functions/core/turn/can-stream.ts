// Whether a request may go to ConverseStream. Where not, the whole answer is asked for and told as the events of a stream.
import type { ConverseRequest } from '../bedrock/converse.ts';
import type { Abilities } from '../catalog/model.ts';

/** Some models stream, but not when they have tools. */
export function canStream({ streaming, toolsInStream }: Abilities, { toolConfig }: ConverseRequest): boolean {
  return streaming && (toolsInStream || toolConfig === undefined);
}
