// The one rule by which the stand-in counts tokens: a token is four bytes of UTF-8, rounded up. Pure.
// So an ASCII letter is a quarter token, a Chinese character three quarters, an emoji one; never more tokens than bytes.

const BYTES_PER_TOKEN = 4;

/** What every message costs besides its content. */
export const MESSAGE_TOKENS = 4;

export function countTokens(text: string): number {
  return tokensOfBytes(Buffer.byteLength(text));
}

export function tokensOfBytes(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

/**
 * The longest start of `text` that costs at most `tokens`. Of a text that costs more it costs exactly `tokens`, because no character is longer
 * than one token.
 */
export function takeTokens(text: string, tokens: number): string {
  const limit = tokens * BYTES_PER_TOKEN;
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > limit) return text.slice(0, end);
    end += character.length;
  }
  return text;
}

const PIECE =
  /\s*(?:[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]{1,2}|[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]{1,16})|\s+/gu;

/** The text in the pieces in which it is streamed: words with the blank before them. Joined they are the text. */
export function toPieces(text: string): string[] {
  return text.match(PIECE) ?? [];
}
