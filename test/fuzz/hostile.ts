// Values and requests as nobody well-meaning sends them, and bodies that fit a schema until something in them is exchanged.
import fc from 'fast-check';
import type { Schema } from '../../functions/admin/openapi/schema-example.ts';

const LONG = 'a'.repeat(70_000);
/** Nothing here is a word that an answer may hold only by a leak. */
const TEXTS = [
  ...[
    '',
    ' ',
    '\u0000',
    '\ud800',
    '\u202egnp.exe',
    '\n',
    '\u2028',
    '💥'.repeat(300),
    LONG,
    'a'.repeat(301),
    'ǅ'.repeat(101),
    '\ufeffx',
    '\u0130',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'null',
    'undefined',
    'NaN',
    '[object Object]',
    '*',
    '?',
    '#',
    '%',
    '%00',
    '%zz',
  ],
  ...[
    '../../../etc/passwd',
    '..%2f..%2fsettings',
    '..',
    '.',
    '%2e%2e',
    '/',
    '//',
    'a/b',
    'a\\b',
    "' OR 1=1 --",
    '$(7*7)',
    '{{7*7}}',
    '=cmd|x',
    '<script>',
  ],
  ...['-1', '0', '-0', '1e999', '1e-30', '0x10', '99999999999999999999999999', '0.0000000000001', '-0.000000000001', '1,5', '١٢'],
  ...[
    '2026-02-30',
    '2026-11-21',
    '0000-01-01',
    '9999-12-31T23:59:59Z',
    '+275760-09-13T00:00:00.001Z',
    '-271821-04-20T00:00:00Z',
    '2026-11-21T08:30:00+99:99',
  ],
  ...[
    '1d',
    '0s',
    '99999999999w',
    '1h1h',
    '36500d',
    'arn:aws:bedrock:us-east-1:1:x/y',
    `key_${'0'.repeat(22)}`,
    `req_${'z'.repeat(22)}`,
    `key_${'!'.repeat(22)}`,
  ],
];
const NUMBERS = [-1, 0, -0, 1, 0.5, 1e-30, 1e15, 1e16, 2 ** 53, 2 ** 64, 1e308, -1e308, 101, 241];
const REST = [null, true, false, [], {}, [[]], [null], { a: 1 }, ['x', 'x'], Array(300).fill('x'), Array(5000).fill(1)];

export const hostileText = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...TEXTS) }, fc.string({ unit: 'binary', maxLength: 40 }));
const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: hostileText },
  fc.constantFrom(...NUMBERS),
  fc.constantFrom<unknown>(...REST),
  fc.jsonValue({ maxDepth: 3 }),
);

/** What a schema takes, as far as a schema can say it; `@key@` is an id of a key that there is, and so on. */
export function valuesOf(schema: Schema, schemas: Record<string, Schema>): fc.Arbitrary<unknown> {
  const of = (part: Schema) => valuesOf(part, schemas);
  if (schema.$ref !== undefined) return of(schemas[schema.$ref.split('/').at(-1)!]!);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choice = schema.anyOf ?? schema.oneOf;
  const made = choice ? fc.oneof(...choice.map(of)) : ofType(schema, of);
  return schema.examples ? fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...schema.examples) }, made) : made;
}

function ofType(schema: Schema, of: (part: Schema) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const [type, ...others] = [schema.type].flat();
  if (others.length > 0) return fc.oneof(...[type, ...others].map((one) => ofType({ ...schema, type: one! }, of)));
  const {
    minimum = 0,
    maximum = 10_000,
    minLength = 0,
    maxLength = 40,
    pattern,
    format,
    items,
    properties,
    required = [],
  } = schema as Schema & Bounds;
  if (type === 'null') return fc.constant(null);
  if (type === 'boolean') return fc.boolean();
  if (type === 'integer') return fc.integer({ min: minimum, max: maximum });
  if (type === 'number') return fc.double({ noNaN: true, noDefaultInfinity: true, min: 0, max: 1e6 });
  if (type === 'array') return fc.array(items ? of(items as Schema) : hostileValue, { maxLength: 3 });
  if (type === 'object' && properties) {
    const parts = Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, of(part)]));
    return fc.record(parts, { requiredKeys: required });
  }
  if (type === 'object') return fc.dictionary(fc.string({ maxLength: 5 }), hostileValue, { maxKeys: 3 });
  if (format === 'date-time') return fc.constantFrom('2030-01-31T12:00:00Z', '2026-11-14T23:59:59.999Z');
  const prefix = /^\^([a-z]+)_\[/.exec(pattern ?? '')?.[1];
  if (prefix !== undefined) return fc.constant(`@${prefix}@`);
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  return fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, Math.max(minLength, 40)) });
}

type Bounds = { minimum?: number; maximum?: number; minLength?: number; maxLength?: number; pattern?: string };

/** The body as text, or none: as it should be, with one thing exchanged, or broken altogether. */
export function bodyOf(valid: fc.Arbitrary<unknown>): fc.Arbitrary<string | undefined> {
  const exchanged = fc
    .tuple(valid, hostileValue, hostileText, fc.nat())
    .map(([value, other, name, at]) => JSON.stringify(exchange(value, other, name, at)));
  const whole = valid.map((value) => JSON.stringify(value));
  return fc.oneof(
    { weight: 5, arbitrary: whole },
    { weight: 6, arbitrary: exchanged },
    { weight: 1, arbitrary: hostileValue.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fc.tuple(whole, fc.nat(200)).map(([text, at]) => text.slice(0, at)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<string | undefined>(
        ...[
          undefined,
          '',
          '{',
          'null',
          '{"__proto__":{"role":"admin"},"name":"x"}',
          '{"name":"x","name":"y","constructor":{"prototype":{}}}',
        ],
        ...[
          `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
          `{"name":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`,
          '{"name":"\\ud800"}',
          '\ufeff{}',
        ],
        ...['name,role\r\nx,user\r\n', 'name\r\n"x', '<?xml version="1.0"?><!DOCTYPE x>', `{"name":"${'x'.repeat(1_100_000)}"}`],
      ),
    },
  );
}

/** One of its properties is another value, is gone, or one more is there. */
function exchange(value: unknown, other: unknown, name: string, at: number): unknown {
  if (Array.isArray(value) && value.length > 0)
    return value.with(at % value.length, exchange(value[at % value.length], other, name, at >> 2));
  if (typeof value !== 'object' || value === null || at % 7 === 0) return other;
  const entries = Object.entries(value);
  const [key, inner] = entries[at % Math.max(entries.length, 1)] ?? ['x', null];
  if (at % 5 === 0) return { ...value, [name]: other };
  if (at % 11 === 0) return Object.fromEntries(entries.filter(([one]) => one !== key));
  return { ...value, [key]: at % 3 === 0 ? exchange(inner, other, name, at >> 3) : other };
}

/** Once in so many times. */
export function rarely<Value>(times: number, arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.oneof({ weight: times - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

/** A header takes nothing else; what a server gets cannot be more than this. */
export const headerText = fc.oneof(
  fc.constantFrom(
    '*',
    '"1"',
    '"2"',
    'W/"1"',
    '""',
    '"',
    ',',
    '"shipped"',
    '"null"',
    '0',
    '"1", "2"',
    'a'.repeat(299),
    'a'.repeat(5_000),
    'order-1',
    ' ',
    'é',
    '__proto__',
  ),
  fc.stringMatching(/^[\x21-\x7e\xa1-\xff]{1,40}$/),
);

/** Places in lists, made of those that are known by then: true ones, others' ones, and such as somebody has changed. */
export function cursorOf(): fc.Arbitrary<(known: string[]) => string> {
  const list = fc.constantFrom('keys', 'journal', 'threads', 'payments', 'prices', 'audit');
  const forged = fc.oneof(
    hostileValue,
    fc.record({ list, after: hostileValue, from: hostileValue, to: hostileValue, asked: hostileValue }),
  );
  const at = fc.nat();
  return fc.oneof(
    at.map((index) => (known: string[]) => known[index % known.length]!),
    forged.map((place) => () => encoded(place)),
    hostileText.map((text) => () => text),
    fc.tuple(at, hostileValue).map(([index, other]) => (known: string[]) => {
      const place = JSON.parse(Buffer.from(known[index % known.length]!, 'base64url').toString()) as unknown;
      return encoded(exchange(place, other, 'x', index));
    }),
  );
}

function encoded(place: unknown): string {
  return Buffer.from(JSON.stringify(place) ?? '').toString('base64url');
}
