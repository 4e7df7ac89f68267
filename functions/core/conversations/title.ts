// The title of a session, from the first prompt in it: cleaned and cut. Pure.
const LONGEST = 64;
/** Enough to find a line in, however long the prompt. */
const LOOKED_AT = 20_000;

/** What coding agents put before the words of a person: `<system-reminder>…</system-reminder>` and the like. */
const WRAPPED = /<([a-z][\w-]*)>[\s\S]*?<\/\1>/g;

/** `undefined` where nothing is left that could be a title. */
export function titleOf(prompt: string): string | undefined {
  const text = prompt.slice(0, LOOKED_AT);
  return cleaned(text.replaceAll(WRAPPED, ' ')) ?? cleaned(text);
}

/** One line of plain text of at most 64 characters, as people count them. */
function cleaned(text: string): string | undefined {
  const line = text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(/^[\s#>*`-]+/, '')
    .trim();
  const characters = [...line];
  if (characters.length <= LONGEST) return line || undefined;
  return `${characters
    .slice(0, LONGEST - 1)
    .join('')
    .trimEnd()}…`;
}
