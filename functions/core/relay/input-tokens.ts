// An upper bound of the input tokens of a body in OpenAI's dialect. Pure, and never below the truth: a token has at least one byte of
// UTF-8, pictures count as the largest published price of one, and what cannot be measured fills the model's window.

type Fields = Record<string, unknown>;

export type Measured = {
  /** More than this cannot go in: the model's window, once for each prompt. */
  window: number;
  /** Tokenizers of embedding models may first spell characters out (NFKC), and one may become eighteen. */
  isSpelledOut: boolean;
};

/** What a template, a default system prompt or the offer of tools may add. */
const PER_REQUEST = 2_048;
const PER_MESSAGE = 16;
/** A picture of eight tiles at gpt-4o-mini's price in tokens, the largest published: 2,833 + 8 × 5,667. */
const PER_IMAGE = 50_000;

const IMAGES = new Set(['image_url', 'input_image']);
const UNMEASURED = new Set(['file', 'input_file', 'input_audio', 'audio_url', 'video_url', 'input_video']);
/** Fields that stand for text which is kept upstream. */
const KEPT_UPSTREAM = ['previous_response_id', 'conversation', 'prompt_id', 'prompt'];

export function inputTokensOf(body: Fields, { window, isSpelledOut }: Measured): number {
  let tokens = PER_REQUEST;
  for (const [name, value] of Object.entries(body)) {
    // Legacy completions have their text in `prompt`; a stored prompt is an object.
    const isKept = KEPT_UPSTREAM.includes(name) && (name !== 'prompt' || isFields(value));
    if (isKept && value !== null) return window;
    const isConversation = (name === 'messages' || name === 'input') && Array.isArray(value);
    tokens += isConversation
      ? value.reduce((sum: number, one) => sum + messageBound(one, isSpelledOut), 0)
      : plainBound(value, isSpelledOut);
  }
  return Math.min(tokens, window);
}

/** Only the parts of a message can be media; elsewhere the same words are text. */
function messageBound(message: unknown, isSpelledOut: boolean): number {
  if (!isFields(message)) return PER_MESSAGE + plainBound(message, isSpelledOut);
  return Object.entries(message).reduce(
    (sum, [name, value]) => {
      const holdsParts = (name === 'content' || name === 'output') && Array.isArray(value);
      const bound = holdsParts ? value.reduce((all: number, part) => all + partBound(part), 0) : plainBound(value, isSpelledOut);
      return sum + name.length + bound;
    },
    PER_MESSAGE + (IMAGES.has(String(message.type)) ? PER_IMAGE : 0),
  );
}

function partBound(part: unknown): number {
  const { type } = isFields(part) ? part : {};
  if (UNMEASURED.has(type as string)) return Number.POSITIVE_INFINITY;
  if (!IMAGES.has(type as string)) return PER_MESSAGE + plainBound(part, false);
  const { image_url: image, ...rest } = part as Fields;
  return PER_IMAGE + plainBound(rest, false) + plainBound(isFields(image) ? { ...image, url: '' } : '', false);
}

/** Every byte of every word in it. Walked without recursion, because a body may be nested deeper than the stack. */
function plainBound(value: unknown, isSpelledOut: boolean): number {
  let tokens = 0;
  const left = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next === 'string') tokens += bytesOf(next, isSpelledOut);
    else if (Array.isArray(next)) {
      tokens += next.length + 2;
      for (const member of next) left.push(member);
    } else if (isFields(next)) {
      for (const [name, member] of Object.entries(next)) {
        tokens += bytesOf(name, false) + 6;
        left.push(member);
      }
    } else tokens += String(next).length;
  }
  return tokens;
}

function bytesOf(text: string, isSpelledOut: boolean): number {
  const bytes = Buffer.byteLength(text);
  return isSpelledOut ? PER_MESSAGE + Math.max(bytes, Buffer.byteLength(text.normalize('NFKC'))) : bytes;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
