// Text as Converse takes it: never blank, always well-formed Unicode. Pure.

/** What the model sees where a client sent nothing. */
export const EMPTY = '(empty)';
export const NO_OUTPUT = '(no output)';
export const NO_RESULT = '[no result provided]';
export const RESUMED = '(conversation resumed)';
export const CONTINUE = 'Continue.';
export const USE_DOCUMENT = 'Use the attached document.';

/** Since 2026 Bedrock refuses text of white space alone, not only the empty string. */
export function isBlank(text: string): boolean {
  return text.trim() === '';
}

export function textBlock(text: string): { text: string } {
  return { text: text.toWellFormed() };
}

/** A system message that is not at the beginning stays in its place: hoisting it would change the cached prefix with every turn. */
export function reminderBlock(text: string): { text: string } {
  return textBlock(`<system-reminder>\n${text}\n</system-reminder>`);
}
