// A body as JSON, for whoever takes bodies here. Law: what is nested without end is refused before anybody walks it, or their stack would end.
import { GatewayError } from '../core/platform/errors.ts';

/** Bodies of these interfaces are a handful of levels deep. */
const MOST_LEVELS = 100;

/** The value of a JSON text. Throws `invalid_json`, or `invalid_value` where it is nested too deeply. */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const message = text === '' ? 'The body is empty; it must be a JSON object.' : `The body is not JSON: ${(cause as Error).message}.`;
    throw new GatewayError('invalid_json', message);
  }
  if (levelsOf(text) > MOST_LEVELS) throw new GatewayError('invalid_value', `The body is nested more than ${MOST_LEVELS} levels deep.`);
  return value;
}

/** How deep a text goes that is known to be JSON. */
function levelsOf(text: string): number {
  let deepest = 0;
  let level = 0;
  // A text in quotes, or one bracket.
  for (const [found] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]/g)) {
    if (found === '{' || found === '[') level += 1;
    else if (found === '}' || found === ']') level -= 1;
    if (level > deepest) deepest = level;
  }
  return deepest;
}
