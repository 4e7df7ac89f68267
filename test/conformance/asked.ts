// What the clients ask in these runs, and what the stand-in answers to it.

export const SONNET = 'claude-sonnet-4-5';
export const HELLO = 'Hello, who are you?';
/** Asked beside HELLO at the same time: a fault that strikes once strikes each question once. */
export const HELLO_AGAIN = 'Hello again, who are you?';
export const LONG = 'write 200 words';
export const PARIS = 'What is the weather in Paris?';
export const TWO_CITIES = 'What is the weather in both Paris and Tokyo?';
/** One pixel, as browsers send pictures. */
export const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
export const SEES_PIXEL = 'I received png image, 1 × 1 pixels, 70 bytes.';

/** The tool of these runs: the weather of a city is as long as its name is. */
export const weatherOf = (city: string) => `${city.length} degrees`;
export const TOOL_NAME = 'get_weather';
export const TOOL_DESCRIPTION = 'The weather of a city.';
