// How many columns a text takes on a terminal, and texts made to fit. Pure.

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const NOTHING = /^(\p{Mn}|\p{Me}|\p{Cf})$/u;

export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += widthOf(character);
  return width;
}

export function padText(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(width - textWidth(text), 0));
  return side === 'left' ? text + blanks : blanks + text;
}

/** The beginning of a text that is too long, with `…` at its end. */
export function cutText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let cut = '';
  let taken = 1;
  for (const character of text) {
    taken += widthOf(character);
    if (taken > width) break;
    cut += character;
  }
  return width < 1 ? '' : `${cut}…`;
}

/** Names come from others: what would steer the terminal is shown as a sign that it was there. */
export function plainText(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}

function widthOf(character: string): number {
  if (NOTHING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
