// Random conversations as clients hold them, and random answers as models give them. For the property tests of this folder.
import fc from 'fast-check';
import type { Event, Json } from './chat.ts';

/** Text with everything that hurts: blanks, quotes, surrogates, other scripts. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', ' ', '\n\n', 'hello', '"quoted" \\ text', '你好', '🙂', '\ud83d', '```json\n{}\n```'),
);
export const anyName = fc.constantFrom('look', 'functions.exec', 'get weather', `mcp__${'x'.repeat(70)}`, 'a_b', 'a.b');
const anyId = fc.constantFrom('a', 'b', 'call_0', 'functions.x:0', `call_${'9'.repeat(80)}`, 'tooluse_AbCdEfGh1', 'tooluse_AbCdEfGh2');
const anyArguments = fc.constantFrom('{}', '', '{"x":1}', '{"x":', '[1]', 'null', '{"__proto__":{"a":1}}');

const anyMark = fc.constantFrom({}, {}, {}, { cache_control: { type: 'ephemeral' } }, { cache_control: { type: 'ephemeral', ttl: '1h' } });
const anyTextPart = fc.record({ text: anyText, mark: anyMark }).map(({ text, mark }) => ({ type: 'text', text, ...mark }));
const PNG = `data:image/png;base64,${Buffer.from('\x89PNG....', 'latin1').toString('base64')}`;
const picture = { type: 'image_url', image_url: { url: PNG } };
const anyImage = fc.constant(picture);
const anyFile = fc
  .constantFrom('a.pdf', 'my_report.v2.txt', 'b')
  .map((filename) => ({ type: 'file', file: { filename, file_data: 'JVBERi0xLjc=' } }));
const anyContent = fc.oneof(anyText, fc.array(fc.oneof({ weight: 4, arbitrary: anyTextPart }, anyImage, anyFile), { maxLength: 4 }));

/** What tools answer: text, nothing, or a picture. */
export const anyResults = fc.array(fc.oneof(anyText, fc.constant([picture])), { minLength: 3, maxLength: 3 });

const anyReasoning = fc.constantFrom(
  {},
  {},
  { reasoning_content: 'unsigned' },
  { reasoning_details: [{ type: 'reasoning.text', text: 't', signature: 's' }] },
);

/** A user's turn: some messages, some of them reminders, not all. */
const userTurn: fc.Arbitrary<Json[]> = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: anyContent.map((content) => ({ role: 'user', content })) },
      { weight: 1, arbitrary: anyText.map((content) => ({ role: 'system', content })) },
    ),
    { minLength: 1, maxLength: 3 },
  )
  .filter((turn) => turn.some(({ role }) => role === 'user'));

/** What the assistant says, with the results of what it calls; now and then one is missing. */
const assistantTurn: fc.Arbitrary<Json[]> = fc
  .record({
    content: fc.oneof(fc.constant(null), anyText),
    reasoning: anyReasoning,
    calls: fc.uniqueArray(fc.record({ id: anyId, name: anyName, args: anyArguments }), { selector: ({ id }) => id, maxLength: 3 }),
    results: fc.array(anyText, { minLength: 3, maxLength: 3 }),
    missing: fc.integer({ min: 0, max: 9 }),
    isReversed: fc.boolean(),
  })
  .map(({ content, reasoning, calls, results, missing, isReversed }) => {
    const tool_calls = calls.map(({ id, name, args }) => ({ id, type: 'function', function: { name, arguments: args } }));
    const answers = calls
      .map(({ id }, index) => ({ role: 'tool', tool_call_id: id, content: results[index] }))
      .filter((_, index) => index !== missing);
    if (isReversed) answers.reverse();
    return [{ role: 'assistant', content, ...reasoning, ...(tool_calls.length > 0 && { tool_calls }) }, ...answers];
  });

export type Conversation = { system: Json[]; exchanges: Json[][] };

/** `exchanges` are alternately what the user and what the assistant did; the first and the last are the user's. */
export const anyConversation: fc.Arbitrary<Conversation> = fc
  .record({
    system: fc.array(
      fc.oneof(anyText, fc.array(anyTextPart, { maxLength: 3 })).map((content) => ({ role: 'system', content })),
      { maxLength: 2 },
    ),
    first: userTurn,
    rest: fc.array(fc.tuple(assistantTurn, userTurn), { maxLength: 5 }),
  })
  .map(({ system, first, rest }) => ({ system, exchanges: [first, ...rest.flat()] }));

export const tools = ['look', 'functions.exec', 'get weather'].map((name) => ({
  type: 'function',
  function: { name, parameters: { type: 'object' } },
}));

const piecesOf = (text: string, cuts: number[]): string[] => {
  const at = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, index) => text.slice(from, at[index] ?? text.length));
};

type Block = { kind: 'text' | 'reasoning' | 'sealed' | 'call'; text: string; name: string; cuts: number[]; isSigned: boolean };

const anyBlock: fc.Arbitrary<Block> = fc.record({
  kind: fc.constantFrom('text', 'reasoning', 'sealed', 'call'),
  text: anyText,
  name: anyName,
  cuts: fc.array(fc.nat(40), { maxLength: 4 }),
  isSigned: fc.boolean(),
});

function eventsOf({ kind, text, name, cuts, isSigned }: Block, contentBlockIndex: number): Json[] {
  const delta = (value: object) => ({ contentBlockDelta: { contentBlockIndex, delta: value } });
  const end = { contentBlockStop: { contentBlockIndex } };
  if (kind === 'text') return [...piecesOf(text, cuts).map((piece) => delta({ text: piece })), end];
  if (kind === 'sealed')
    return [...piecesOf(text, cuts).map((piece) => delta({ reasoningContent: { redactedContent: Buffer.from(piece) } })), end];
  if (kind === 'reasoning') {
    const signature = isSigned ? [delta({ reasoningContent: { signature: 'sig' } })] : [];
    return [...piecesOf(text, cuts).map((piece) => delta({ reasoningContent: { text: piece } })), ...signature, end];
  }
  const start = { contentBlockStart: { contentBlockIndex, start: { toolUse: { toolUseId: `id_${contentBlockIndex}`, name } } } };
  const input = text === '' ? '' : JSON.stringify({ text });
  return [start, ...piecesOf(input, cuts).map((piece) => delta({ toolUse: { input: piece } })), end];
}

/** A stream of Converse: blocks of sparse numbers in pieces, sometimes interleaved, the counts before or after the end. */
export const anyAnswer: fc.Arbitrary<Event[]> = fc
  .record({
    blocks: fc.array(anyBlock, { maxLength: 5 }),
    gap: fc.integer({ min: 1, max: 3 }),
    isInterleaved: fc.boolean(),
    isEarly: fc.boolean(),
    stopReason: fc.constantFrom('end_turn', 'tool_use', 'max_tokens', 'stop_sequence', 'guardrail_intervened', 'something_new'),
  })
  .map(({ blocks, gap, isInterleaved, isEarly, stopReason }) => {
    const lists = blocks.map((block, index) => eventsOf(block, index * gap));
    const content = isInterleaved ? interleaved(lists) : lists.flat();
    const counts = { metadata: { usage: { inputTokens: 3, outputTokens: 5 }, metrics: { latencyMs: 1 } } };
    const [before, after] = isEarly ? [[counts], []] : [[], [counts]];
    return [{ messageStart: { role: 'assistant' } }, ...before, ...content, { messageStop: { stopReason } }, ...after] as Event[];
  });

function interleaved(lists: Json[][]): Json[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => (at < list.length ? [list[at]] : []))).flat();
}
