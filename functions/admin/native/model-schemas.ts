// Models on the wire: what may be set, what is shown, and what trying one says.
import { z } from '@hono/zod-openapi';
import { quote, REQUIRED } from '../faults.ts';
import { pageQuery } from '../openapi/document.ts';
import { RatesSchema, TierSchema } from './price-schemas.ts';

const MOST_TOKENS = 100_000_000;
const text = (longest: number) =>
  z.string('must be a text').min(1, 'must not be empty').max(longest, `must have at most ${longest} characters`);
const tokens = z.int('must be a whole number').min(1, 'must be at least 1').max(MOST_TOKENS, `must be at most ${MOST_TOKENS}`);
const flag = z.boolean('must be true or false');

const limits = {
  contextTokens: tokens.openapi({ example: 200_000 }),
  maxOutputTokens: tokens.openapi({ description: 'The most a caller may ask for.', example: 8192 }),
  defaultMaxTokens: tokens.openapi({ description: 'Sent where a caller asks for none.', example: 4096 }),
};

const SWITCHES = ['streaming', 'tools', 'toolsInStream', 'forcedTools', 'vision', 'documents', 'video', 'audio', 'strictTools'] as const;
const FURTHER = ['sampling', 'temperatureAndTopP', 'prefill', 'countTokens'] as const;
const switches = Object.fromEntries([...SWITCHES, ...FURTHER].map((name) => [name, flag])) as Record<
  (typeof SWITCHES)[number] | (typeof FURTHER)[number],
  typeof flag
>;
const abilities = z
  .strictObject({
    ...switches,
    toolChoice: z.enum(['none', 'auto', 'any', 'named']),
    structuredOutput: z.enum(['native', 'tool', 'instruction']),
    reasoning: z
      .literal(false, 'can only be turned off')
      .openapi({ description: 'false turns it off; how it is asked for comes from the base.' }),
    promptCaching: z.literal(false, 'can only be turned off').openapi({ description: 'false turns it off.' }),
  })
  .partial();

export const KNOWLEDGE_BASE_ID = /^[0-9A-Za-z]{10}$/;
export const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;
const knowledgeBase = z
  .strictObject({
    id: z
      .string({ error: ({ input }) => (input === undefined ? REQUIRED : 'must be a text') })
      .regex(KNOWLEDGE_BASE_ID, 'must be the ID of a knowledge base: ten letters and digits')
      .openapi({ description: 'The ID of the knowledge base in Amazon Bedrock.', example: 'KB12345678' }),
    region: z
      .string('must be a text or null')
      .regex(REGION, 'must be a Region such as us-east-1')
      .nullable()
      .default(null)
      .openapi({ description: 'Where the knowledge base is; null: where the gateway is.', example: 'us-east-1' }),
  })
  .nullable()
  .openapi({
    description:
      'Only for a chat model made here, over one that goes through Converse. What this knowledge base of Amazon Bedrock has about the last question is looked up first, and the model answers from it.',
    example: { id: 'KB12345678', region: 'us-east-1' },
  });

const fields = {
  base: text(200).openapi({
    description: 'The listed model whose abilities and limits a new model begins with.',
    example: 'claude-sonnet-4-5',
  }),
  target: text(300).openapi({
    description: 'The Bedrock ID, inference profile or ARN to call. Default: where the base is called.',
    example: 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123',
  }),
  displayName: text(200).openapi({ example: 'Team Sonnet' }),
  enabled: flag.openapi({ description: 'false: nobody can call it, by any name.', example: true }),
  limits: z.strictObject(limits).partial(),
  abilities,
  knowledgeBase,
};

export const ModelChangeSchema = z.strictObject(z.object(fields).partial().shape).openapi('ModelChange', {
  example: { base: 'claude-sonnet-4-5', displayName: 'Team Sonnet', limits: { maxOutputTokens: 8192, defaultMaxTokens: 4096 } },
});
export type ModelChangeInput = z.output<typeof ModelChangeSchema>;

export const ModelSchema = z
  .object({
    name: z.string().openapi({ example: 'claude-sonnet-4-5' }),
    aliases: z.array(z.string()),
    mappedFrom: z.array(z.string()).openapi({ description: 'Mappings that stand for it.' }),
    custom: z.boolean().openapi({ description: 'Made here, not shipped.' }),
    changed: z.boolean().openapi({ description: 'Shipped, and changed here.' }),
    base: z.string().nullable(),
    enabled: z.boolean(),
    kind: z.enum(['chat', 'embedding', 'image']),
    vendor: z.string(),
    displayName: z.string(),
    family: z.string(),
    target: z.string().openapi({ description: 'What is called.', example: 'global.anthropic.claude-sonnet-4-5-20250929-v1:0' }),
    foundationId: z.string(),
    transport: z.string(),
    lifecycle: z.enum(['active', 'legacy']),
    abilities: z.record(z.string(), z.unknown()),
    limits: z.object({ contextTokens: z.int(), maxOutputTokens: z.int(), defaultMaxTokens: z.int() }),
    knowledgeBase: z
      .object({
        id: z.string().openapi({ description: 'The ID of the knowledge base in Amazon Bedrock.', example: 'KB12345678' }),
        region: z.string().nullable().openapi({ description: 'Where it is; null: where the gateway is.', example: 'us-east-1' }),
      })
      .nullable()
      .openapi({ description: 'What it answers from; null: from what it knows.', example: { id: 'KB12345678', region: 'us-east-1' } }),
    price: RatesSchema.nullable().openapi({
      description: 'What calls are charged now; null: none is known, and keys with a budget are refused.',
    }),
    tiers: z.record(z.string(), RatesSchema).openapi({ description: 'Service tiers with prices of their own.' }),
  })
  .openapi('Model');
export type ModelView = z.infer<typeof ModelSchema>;

const truth = (what: string) => z.enum(['true', 'false'], 'must be true or false').optional().openapi({ description: what });
export const ModelsQuerySchema = z.strictObject({
  q: z
    .string('must be one text')
    .optional()
    .openapi({ description: 'Words that the name, an alias, the vendor or the target holds.', example: 'sonnet' }),
  kind: z.enum(['chat', 'embedding', 'image'], 'must be chat, embedding or image').optional(),
  enabled: truth('Only those that may be called, or may not.'),
  custom: truth('Only those made here, or shipped.'),
  unpriced: truth('true: only those that may be called and have no price; false: only those with one.'),
  ...pageQuery,
});
export type ModelsQuery = z.output<typeof ModelsQuerySchema>;

export const NameSchema = z
  .strictObject({
    name: z
      .string({ error: ({ input }) => (input === undefined ? REQUIRED : `must be a text; ${quote(input)} was given`) })
      .min(1, 'must not be empty')
      .openapi({ description: 'As a client would send it.', example: 'gpt-4o' }),
    tier: TierSchema.optional(),
  })
  .openapi('NameToValidate');

export const ValidationSchema = z
  .object({
    name: z.string(),
    callable: z.boolean().openapi({ description: 'A call with this name would be made.' }),
    via: z.enum(['mapping', 'model', 'alias', 'literal']).nullable().openapi({ description: 'How it was found; null: it was not.' }),
    mappedTo: z.string().nullable(),
    model: z.string().nullable().openapi({ description: 'The model it stands for.' }),
    kind: z.enum(['chat', 'embedding', 'image']).nullable(),
    target: z.string().nullable(),
    listed: z.boolean().openapi({ description: 'false: taken for its family by the beginning of its ID.' }),
    priced: z.boolean().openapi({ description: 'false: keys with a budget are refused.' }),
    price: RatesSchema.nullable(),
    notes: z.array(z.string()).openapi({ description: 'What stands in the way, in words.' }),
  })
  .openapi('Validation', {
    example: {
      ...{ name: 'gpt-4o', callable: true, via: 'mapping', mappedTo: 'nova-micro', model: 'nova-micro', kind: 'chat' },
      ...{ target: 'amazon.nova-micro-v1:0', listed: true, priced: false, price: null, notes: ['It has no price.'] },
    },
  });

export const TrialSchema = z
  .object({
    ok: z.boolean(),
    requestId: z.string().openapi({ description: 'Of its entry in the journal.', example: 'req_0Q2yYd7RkWcXn4uTfJb1Zs' }),
    keyId: z.string().openapi({ description: 'The key that paid: that of the caller, else the one named "Model tests".' }),
    model: z.string(),
    text: z.string().nullable().openapi({ description: 'The beginning of what the model said.' }),
    latencyMs: z.int(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
  })
  .openapi('Trial');
