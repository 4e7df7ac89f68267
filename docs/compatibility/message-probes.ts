// Everything a conversation may hold, each with an example: what the page on compatibility tries on every family.
import { type Probe, tool } from './probe.ts';

const PNG = 'data:image/png;base64,iVBORw0KGgo=';
const PDF = 'data:application/pdf;base64,JVBERi0xLjc=';
const called = { id: 'a', type: 'function', function: { name: 'look', arguments: '{}' } };
const user = (...content: object[]) => ({ role: 'user', content });
const text = { type: 'text', text: 'x' };
const reasoned = (rest: object) => [user(text), { role: 'assistant', content: 'y', ...rest }, user(text)];
const round = (content: unknown, rest: object = {}) => [
  user(text),
  { role: 'assistant', content: null, tool_calls: [called] },
  { role: 'tool', tool_call_id: 'a', content, ...rest },
];

/** What stands in the messages, and its note: `messages` is the value of the probe. */
const row = (what: string, messages: object[], note?: string, beside?: object): Probe & { what: string } => ({
  what,
  field: 'messages',
  value: messages,
  ...(note !== undefined && { note }),
  ...(beside && { beside }),
});

export const MESSAGES = [
  row('`system`, `developer` at the beginning', [{ role: 'developer', content: 'x' }, user(text)], 'Several are several blocks.'),
  row(
    '`system`, `developer` later',
    [user(text), { role: 'assistant', content: 'y' }, { role: 'system', content: 'x' }, user(text)],
    'Stays in its place, as a reminder of the user: hoisting it would change the cached prefix.',
  ),
  row(
    '`image_url` with a `data:` URL',
    [user({ type: 'image_url', image_url: { url: PNG } })],
    'png, jpeg, gif, webp, found by their bytes; 20 a message, 3.75 MB each.',
  ),
  row('`image_url` with an `s3:` URL', [user({ type: 'image_url', image_url: { url: 's3://bucket/a.png' } })]),
  row(
    '`file` with a PDF',
    [user(text, { type: 'file', file: { filename: 'a.pdf', file_data: PDF } })],
    'pdf, csv, doc, docx, xls, xlsx, html, md and whatever is text; 5 a message, 4.5 MB each.',
  ),
  row('`file` by `file_id`', [user({ type: 'file', file: { file_id: 'f' } })]),
  row('`input_audio`', [user(text, { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } })]),
  row('`video_url` (extension)', [user(text, { type: 'video_url', video_url: { url: 'data:video/mp4;base64,AAAA' } })]),
  row(
    '`cache_control` on a part (extension)',
    [user({ ...text, cache_control: { type: 'ephemeral' } })],
    'Also on tools and whole messages; also `cachePoint` and `prompt_cache_breakpoint`. At most four points are kept.',
  ),
  row(
    '`assistant` speaking last',
    [user(text), { role: 'assistant', content: 'y' }],
    'A beginning to be continued, or the user says "Continue."',
  ),
  row('a call and its result', round('seen'), undefined, { tools: [tool('look')] }),
  row('calls in the history, no `tools`', round('seen'), 'Stubs by their names, and the model is told not to call.'),
  row('a call without its result', round('seen').slice(0, 2), 'A result is made up, and told.', { tools: [tool('look')] }),
  row('a result with a picture (extension)', round([{ type: 'image_url', image_url: { url: PNG } }]), undefined, { tools: [tool('look')] }),
  row(
    '`reasoning_details`, signed (extension)',
    reasoned({ reasoning_details: [{ type: 'reasoning.text', text: 't', signature: 's' }] }),
    'Also `thinking_blocks`, parts of the content, `reasoning_content` with `reasoning_signature`.',
  ),
  row('`reasoning_content`, unsigned (extension)', reasoned({ reasoning_content: 't' }), 'Never given back to a model.'),
];
