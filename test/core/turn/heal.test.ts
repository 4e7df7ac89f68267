// The second try of a turn whose request was refused for something the model does not take: when, what of, at what price, and for how long
// it is remembered.
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Key } from '../../../functions/core/access/principal.ts';
import type { Converse, ConverseEvent, ConverseRequest } from '../../../functions/core/bedrock/converse.ts';
import { createShippedCatalog } from '../../../functions/core/catalog/shipped.ts';
import { parseChatRequest } from '../../../functions/core/dialects/openai/chat-request.ts';
import { DEFAULT_OPTIONS, toConverse } from '../../../functions/core/dialects/openai/to-converse.ts';
import { GatewayError } from '../../../functions/core/platform/errors.ts';
import { inputBoundOf, outputConfigBoundOf } from '../../../functions/core/turn/input-bound.ts';
import { createLessons } from '../../../functions/core/turn/lessons.ts';
import type { Ended, Recorder } from '../../../functions/core/turn/recorder.ts';
import { runTurn } from '../../../functions/core/turn/run-turn.ts';
import type { Admittance } from '../../../functions/core/turn/turn.ts';
import { openTill } from '../../support/till.ts';

const NO_FORMAT = 'output_config.format: Extra inputs are not permitted';
const NO_TEMPERATURE = '`temperature` is deprecated for this model.';
// Takes everything, can be counted, and costs what Claude Sonnet 4.5 does.
const MODEL = 'standin.chat';
const INPUT = 3_000_000n;
const OUTPUT = 15_000_000n;
const schema = (size: number) => ({
  type: 'json_schema',
  json_schema: { name: 'a', schema: { type: 'object', properties: { x: { type: 'string', description: 'd'.repeat(size) } } } },
});
const EVENTS = [
  { messageStart: { role: 'assistant' } },
  { contentBlockDelta: { contentBlockIndex: 0, delta: { text: '{}' } } },
  { messageStop: { stopReason: 'end_turn' } },
  { metadata: { usage: { inputTokens: 10, outputTokens: 5, totalTokens: 15 }, metrics: { latencyMs: 1 } } },
] as ConverseEvent[];

const catalog = createShippedCatalog({ allowStandin: true });
let till: Awaited<ReturnType<typeof openTill>>;
let now: number;
let lessons: ReturnType<typeof createLessons>;
beforeAll(async () => {
  till = await openTill();
});
afterAll(() => till.close());
beforeEach(() => {
  now = 0;
  lessons = createLessons(() => now);
});

/** A model that refuses what `objectionTo` objects to, before anything or after `said` events. */
function modelOf(
  objectionTo: (request: ConverseRequest) => string | undefined,
  { said = 0, saysFirst = false, onCall = async () => {} } = {},
) {
  const asked: ConverseRequest[] = [];
  async function* answer(_target: string, request: ConverseRequest) {
    asked.push(request);
    await onCall();
    const objection = objectionTo(request);
    // `saysFirst`: in the second try only.
    const isSilent = saysFirst && asked.length === 1;
    yield* EVENTS.slice(0, objection === undefined ? EVENTS.length : isSilent ? 0 : said);
    if (objection !== undefined) throw new GatewayError('invalid_value', objection, { objection });
  }
  return { converse: { stream: answer, whole: answer } as Converse, asked };
}

const refusesFormat = ({ outputConfig }: ConverseRequest) => (outputConfig ? NO_FORMAT : undefined);

const parse = (body: object) => parseChatRequest({ model: MODEL, messages: [{ role: 'user', content: 'x' }], ...body });

type Asked = { modelName?: string; isStrict?: boolean; countTokens?: () => Promise<number | undefined>; record?: Recorder };

async function ask(
  key: Key,
  converse: Converse,
  body: object,
  { modelName = MODEL, isStrict = false, countTokens = async (): Promise<number | undefined> => undefined, record }: Asked = {},
): Promise<Admittance[]> {
  const chat = parse(body);
  const events = runTurn(
    { catalog, ...till, converse, lessons, countTokens, record },
    {
      requestId: till.ids('req'),
      key,
      modelName,
      isStream: true,
      isStrict,
      toConverse: (model) => toConverse(chat, model, { ...DEFAULT_OPTIONS, strict: isStrict }),
    },
  );
  const admitted: Admittance[] = [];
  for await (const event of events) if ('admitted' in event) admitted.push(event.admitted);
  return admitted;
}

describe('a refused feature', () => {
  test('is asked for in another form in the same call, which says so and is one entry', async () => {
    const { key } = await till.makeKey({ monthlyBudget: 10n ** 12n });
    const { converse, asked } = modelOf(refusesFormat);
    const admitted = await ask(key, converse, { response_format: schema(1) });
    expect(asked).toHaveLength(2);
    expect(asked[1]!.toolConfig?.toolChoice).toEqual({ tool: { name: 'json_response' } });
    expect(admitted.map(({ warnings }) => warnings)).toEqual([[], ['response_format;asked for by a tool instead']]);
    expect(admitted[1]).toMatchObject({ isLowered: false, maxTokens: 4096 });
    const cost = 10n * INPUT + 5n * OUTPUT;
    expect(await till.entriesOf(key)).toMatchObject([{ status: 'succeeded', cost, isEstimated: false }]);
    expect(await till.readAccount(key)).toEqual({ spent: cost, held: 0n, open: 0 });
  });

  test('is logged as it was sent at last, with the warnings of that, once the call is settled', async () => {
    const { key } = await till.makeKey({ monthlyBudget: 10n ** 12n });
    const { converse, asked } = modelOf(refusesFormat);
    const ended: Ended[] = [];
    await ask(key, converse, { response_format: schema(1) }, { record: () => ({ end: (end) => void ended.push(end) }) });
    expect(ended).toHaveLength(1);
    expect(ended[0]!.request).toBe(asked[1]);
    expect(ended[0]!.warnings).toEqual(['response_format;asked for by a tool instead']);
    expect((await till.readAccount(key)).open).toBe(0);
  });

  test('is tried once more only, and costs nothing when that is refused too', async () => {
    const { key } = await till.makeKey({ monthlyBudget: 10n ** 12n });
    const { converse, asked } = modelOf(() => `${NO_FORMAT} strict temperature is not supported`);
    await expect(ask(key, converse, { response_format: schema(1) })).rejects.toMatchObject({ code: 'invalid_value' });
    expect(asked).toHaveLength(2);
    expect(await till.entriesOf(key)).toMatchObject([{ status: 'failed', cost: 0n }]);
  });

  test('that breaks off in the other form is charged by what was sent the second time', async () => {
    const { key } = await till.makeKey({ monthlyBudget: 10n ** 12n });
    const { converse, asked } = modelOf((request) => refusesFormat(request) ?? 'broke off', { said: 2, saysFirst: true });
    await expect(ask(key, converse, { response_format: schema(1) })).rejects.toThrow('broke off');
    const [entry] = await till.entriesOf(key);
    expect(entry).toMatchObject({ isEstimated: true, usage: { input: inputBoundOf(asked[1]!) } });
  });

  test('is not tried again once the model has said anything', async () => {
    const { key } = await till.makeKey();
    const { converse, asked } = modelOf(refusesFormat, { said: 1 });
    await expect(ask(key, converse, { response_format: schema(1) })).rejects.toThrow(NO_FORMAT);
    expect(asked).toHaveLength(1);
  });

  test.each([
    ['what nothing is known to help against', 'max_tokens: must be an even number'],
    ['what the request does not have', 'prompt caching is not supported by this model'],
  ])('is not tried again for %s', async (_, objection) => {
    const { key } = await till.makeKey();
    const { converse, asked } = modelOf(() => objection);
    await expect(ask(key, converse, {})).rejects.toThrow(objection);
    expect(asked).toHaveLength(1);
  });
});

describe('what a model refused', () => {
  test('is remembered for that model for an hour', async () => {
    const { key } = await till.makeKey();
    const { converse, asked } = modelOf(refusesFormat);
    const body = { response_format: schema(1) };
    await ask(key, converse, body);
    now = 3_599_999;
    await ask(key, converse, body);
    expect(asked.map(({ outputConfig }) => outputConfig !== undefined)).toEqual([true, false, false]);
    await ask(key, converse, body, { modelName: 'claude-opus-4-5' });
    expect(asked[3]!.outputConfig).toBeDefined();
    now = 3_600_000;
    await ask(key, converse, body);
    expect(asked[5]!.outputConfig).toBeDefined();
  });

  test('is not remembered where leaving it out did not help', async () => {
    const { key } = await till.makeKey();
    const always = modelOf(() => NO_FORMAT);
    await expect(ask(key, always.converse, { response_format: schema(1) })).rejects.toThrow();
    const { converse, asked } = modelOf(() => undefined);
    await ask(key, converse, { response_format: schema(1) });
    expect(asked[0]!.outputConfig).toBeDefined();
  });

  test.each([
    ['a schema of one client', { response_format: schema(1) }, 'output_config.format.schema: pattern is not supported', 'outputConfig'],
    [
      'a way of thinking that one client chose',
      { tools: [{ type: 'function', function: { name: 'f' } }], tool_choice: 'required' },
      'Thinking may not be enabled when tool_choice forces tool use with this model.',
      'toolConfig.toolChoice',
    ],
  ])('is not remembered for %s', async (_, body, objection, field) => {
    const { key } = await till.makeKey();
    let refusals = 1;
    const { converse, asked } = modelOf(() => (refusals-- > 0 ? objection : undefined));
    await ask(key, converse, body);
    expect(asked[1]).not.toHaveProperty(field);
    await ask(key, converse, body);
    expect(asked[2]).toHaveProperty(field);
  });

  test('of the fields that pass through is left out from then on, and told', async () => {
    const { key } = await till.makeKey();
    const { converse, asked } = modelOf((request) =>
      (request.additionalModelRequestFields as { x?: number } | undefined)?.x ? 'x: Extra inputs are not permitted' : undefined,
    );
    const body = { additionalModelRequestFields: { x: 1, y: 2 } };
    for (let call = 0; call < 2; call += 1) {
      const admitted = await ask(key, converse, body);
      expect(admitted.at(-1)!.warnings).toEqual(['additionalModelRequestFields;refused by the model']);
    }
    expect(asked.map(({ additionalModelRequestFields }) => additionalModelRequestFields)).toEqual([{ x: 1, y: 2 }, { y: 2 }, { y: 2 }]);
  });
});

describe('with strict settings', () => {
  test('a field is not left out behind the client’s back', async () => {
    const { key } = await till.makeKey();
    const { converse, asked } = modelOf(() => 'x: Extra inputs are not permitted');
    await expect(ask(key, converse, { additionalModelRequestFields: { x: 1 } }, { isStrict: true })).rejects.toThrow('Extra inputs');
    expect(asked).toHaveLength(1);
  });

  test('what would be dropped is an error that names it', async () => {
    const { key } = await till.makeKey();
    const { converse } = modelOf(() => NO_TEMPERATURE);
    const refused = ask(key, converse, { temperature: 0.5 }, { isStrict: true });
    await expect(refused).rejects.toMatchObject({ code: 'unsupported_parameter', details: { param: 'temperature' } });
  });
});

describe('the hold', () => {
  /** Asks with so much money; answers what was held when each form was asked for. */
  async function heldWith(budget: bigint, body: object, counted?: number) {
    const { key } = await till.makeKey({ monthlyBudget: budget });
    const held: bigint[] = [];
    const onCall = async () => void held.push((await till.readAccount(key)).held);
    const { converse, asked } = modelOf(refusesFormat, { onCall });
    // Some of them are refused for want of money, before or after the first form.
    await ask(key, converse, body, { countTokens: async () => counted }).catch(() => undefined);
    return { asked, held };
  }

  test('pays for both forms, however large the schema and however little money there is', async () => {
    const sizes = fc.integer({ min: 0, max: 3_000 });
    const budgets = fc.bigInt({ min: 3_000_000_000n, max: 60_000_000_000n });
    const counts = fc.option(fc.integer({ min: 10, max: 200 }), { nil: undefined });
    let seconds = 0;
    await fc.assert(
      fc.asyncProperty(sizes, budgets, counts, async (size, budget, counted) => {
        lessons = createLessons(() => now);
        const { asked, held } = await heldWith(budget, { response_format: schema(size), max_tokens: 1_000 }, counted);
        for (const [index, request] of asked.entries()) {
          const inputTokens = counted === undefined ? inputBoundOf(request) : counted;
          const most = BigInt(inputTokens) * INPUT + BigInt(request.inferenceConfig!.maxTokens!) * OUTPUT;
          expect(most).toBeLessThanOrEqual(held[index]!);
        }
        if (asked.length === 2) seconds += 1;
      }),
      { numRuns: 40 },
    );
    expect(seconds).toBeGreaterThan(5);
  });

  test.each([
    ['a beginning that is not continued', { messages: ['user', 'assistant'].map((role) => ({ role, content: 'x' })) }, 'prefill'],
    ['a schema that is not taken', { response_format: schema(3_000) }, NO_FORMAT],
  ])('pays for the shortest answer in the other form of %s', async (_, body, objection) => {
    let refusals = 1;
    const { converse, asked } = modelOf(() => (refusals-- > 0 ? `${objection} is not supported` : undefined));
    const { key } = await till.makeKey({ monthlyBudget: 10n ** 12n });
    const admitted = await ask(key, converse, { max_tokens: 1, ...body });
    expect(asked).toHaveLength(2);
    expect(admitted[1]).toMatchObject({ isLowered: false, maxTokens: 1 });
  });

  test('stays within the tokens that a window has counted for the first form', async () => {
    const limit = 4_500;
    const { key } = await till.makeKey({ windows: [{ kind: 'tokens', limit: BigInt(limit), count: 1, unit: 'mo' }] });
    const { converse, asked } = modelOf(refusesFormat);
    // The first form was counted, at next to nothing; the second cannot be. The money that is held would pay for more of it.
    const counts = [1, undefined];
    const messages = [{ role: 'user', content: 'x'.repeat(1_500) }];
    const body = { response_format: schema(300), max_tokens: 4_400, messages };
    const admitted = await ask(key, converse, body, { countTokens: async () => counts.shift() });
    expect(asked).toHaveLength(2);
    expect(inputBoundOf(asked[1]!) + asked[1]!.inferenceConfig!.maxTokens!).toBe(limit);
    expect(admitted.map(({ left }) => left.tokens!.remaining)).toEqual([0n, 0n]);
  });

  test('that does not pay for a useful answer in the other form leaves the refusal as it was, and charges nothing', async () => {
    const body = { response_format: schema(3_000), max_tokens: 16 };
    // The first form was counted, at next to nothing; the second cannot be.
    const counts = [1, undefined];
    const inputTokens = 1 + outputConfigBoundOf(toConverse(parse(body), catalog.resolve(MODEL)!.model).request);
    const { key } = await till.makeKey({ monthlyBudget: BigInt(inputTokens) * INPUT + 16n * OUTPUT });
    const { converse, asked } = modelOf(({ outputConfig }) => (outputConfig ? NO_FORMAT : undefined));
    const long = { ...body, messages: [{ role: 'user', content: 'x'.repeat(20_000) }] };
    await expect(ask(key, converse, long, { countTokens: async () => counts.shift() })).rejects.toThrow(NO_FORMAT);
    expect(asked).toHaveLength(1);
    expect(await till.readAccount(key)).toEqual({ spent: 0n, held: 0n, open: 0 });
  });
});
