// Every operation of the OpenAPI document under thousands of random and hostile requests, on a real engine: no fault of ours, no silence, no
// row or secret of others, errors and answers as the document says. FUZZ_SEED=random asks what nobody asked before, a number repeats it;
// FUZZ_REQUESTS makes it longer.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Document, Parameter } from '../../functions/admin/openapi/complete-document.ts';
import { startEngine, type TestEngine } from '../support/engine.ts';
import { answerOf, createJudge, type Described, operationsOf, readDocument } from '../support/openapi.ts';
import { createFuzzWorld, faultOf, fuzzing, type Sent, send, told } from './fuzz-world.ts';
import { bodyOf, cursorOf, headerText, hostileText, rarely, valuesOf } from './hostile.ts';

/** However long a run is asked for. */
const TIMEOUT_MS = 3_600_000;

let engine: TestEngine;
let world: Awaited<ReturnType<typeof createFuzzWorld>>;
let document: Document;
let operations: Described[];
beforeAll(async () => {
  engine = await startEngine();
  world = await createFuzzWorld(engine.store);
  document = await readDocument(world.admin);
  operations = operationsOf(document);
});
afterAll(() => engine.close());

test(
  'whatever is sent, answers keep to the document and tell nobody of others',
  async () => {
    const { requests, seed } = fuzzing(5_200);
    const each = Math.ceil(requests / operations.length);
    const judge = createJudge(document);
    /** One of each kind: by operation, and how the fault begins. */
    const faults = new Map<string, string>();
    const heardOf: Record<number, number> = {};
    // In turns, so that what one operation makes is there for the others.
    const samples = operations.map((described, index) => fc.sample(requestOf(described), { numRuns: each, seed: seed + index }));
    for (let turn = 0; turn < each && faults.size < 30; turn += 1) {
      for (const [index, sample] of samples.entries()) {
        const sent = sample[turn]!();
        const heard = await send(world, sent);
        const fault = faultOf(world, sent, heard) ?? (heard === 'silence' ? undefined : strangenessOf(judge, sent, heard));
        if (fault !== undefined) faults.set(`${index} ${fault.slice(0, 24)}`, `${told(sent)}\n    ${fault}`);
        if (heard !== 'silence') heardOf[heard.status] = (heardOf[heard.status] ?? 0) + 1;
      }
    }
    console.info(JSON.stringify(heardOf));
    expect([...faults.values()].join('\n'), `FUZZ_SEED=${seed}`).toBe('');
    // What is sent gets as far as the gateway's own work, and is refused for every reason there is.
    expect(heardOf[200]! + heardOf[201]! + heardOf[204]!).toBeGreaterThan(requests / 10);
    for (const status of [400, 401, 403, 404, 409, 412]) expect(heardOf[status], String(status)).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);

/** What the document does not say of an answer. */
function strangenessOf(
  judge: ReturnType<typeof createJudge>,
  { method, url }: Sent,
  heard: { status: number; type: string; text: string },
): string | undefined {
  const { status, type, text } = heard;
  const described = operationAt(method, new URL(url).pathname);
  if (status >= 400) {
    if (type !== 'application/problem+json') return `is refused as ${type}`;
    const problem = JSON.parse(text) as { status: number };
    const fault = judge({ $ref: '#/components/schemas/Problem' }, problem);
    if (fault !== undefined || problem.status !== status) return `is a problem that is none: ${fault} ${text}`;
    const isNoRoute = described === undefined && [404, 405].includes(status);
    return isNoRoute || described === undefined || String(status) in described.operation.responses
      ? undefined
      : `is refused with ${status}, which the document does not have: ${text}`;
  }
  if (described === undefined) return url.includes('/reference') ? undefined : `is answered ${status} where the document has nothing`;
  const answer = answerOf(document, described.operation, status);
  if (!answer) return `is answered ${status}, which the document does not have`;
  if (!answer.content) return text === '' ? undefined : `has a body: ${text}`;
  const [[mediaType, media]] = Object.entries(answer.content) as [[string, { schema: object }]];
  if (!type.startsWith(mediaType)) return `is ${type} in place of ${mediaType}`;
  const isJson = mediaType === 'application/json';
  const value = isJson ? JSON.parse(text) : text;
  if (isJson && typeof value.nextCursor === 'string' && world.cursors.length < 500) world.cursors.push(value.nextCursor);
  const fault = judge(media.schema as never, value);
  return fault === undefined ? undefined : `is not as the document says: ${fault} ${text.slice(0, 400)}`;
}

function operationAt(method: string, pathname: string): Described | undefined {
  const fits = ({ path }: Described) => new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/{\w+}/g, '[^/]+')}$`).test(pathname);
  return operations
    .filter((one) => one.method === method && fits(one))
    .toSorted((one, two) => one.path.split('{').length - two.path.split('{').length)[0];
}

/** Made when it is sent, for places in lists are learnt on the way. */
function requestOf({ method, path, operation }: Described): fc.Arbitrary<() => Sent> {
  const { parameters = [], requestBody } = operation;
  const schemas = document.components.schemas;
  const credential = fc.constantFrom(...(path.startsWith('/me') ? OWN : ALL));
  const json = requestBody?.content['application/json'];
  const body = json
    ? bodyOf(valuesOf(json.schema, schemas))
    : fc.constantFrom<string | undefined>(undefined, undefined, undefined, '{}', 'x');
  const query = parameters.filter((one) => one.in === 'query');
  const headers = parameters.filter((one) => one.in === 'header');
  return fc
    .record({
      credential,
      body,
      contentType: fc.constantFrom(
        'application/json',
        'application/json',
        'application/json',
        'text/csv',
        'text/plain',
        'multipart/form-data',
        'x',
        '',
      ),
      id: fc.oneof({ weight: 9, arbitrary: fc.nat() }, hostileText, exampleOf(parameters)),
      query: fc.record(Object.fromEntries(query.map((one) => [one.name, rarely(4, questionOf(one))]))),
      stranger: rarely(15, fc.tuple(hostileText, hostileText)),
      headers: fc.record(Object.fromEntries(headers.map(({ name }) => [name, rarely(2, headerText)]))),
    })
    .map(({ credential, body, contentType, id, query, stranger, headers }) => () => {
      const ids = world.idsFor(credential);
      const real = (text: string) => text.replaceAll(/@([a-z]+)@/g, (_, prefix) => ids.find((one) => one.startsWith(`${prefix}_`))!);
      const fitting = path.includes('{name}')
        ? NAMES
        : ids.filter((one) => one.startsWith(PREFIX[/(\w+)\/{id}/.exec(path)?.[1] ?? ''] ?? ''));
      const one = typeof id === 'number' ? (fitting[id % fitting.length] ?? ids[0]!) : id;
      const asked = new URLSearchParams(
        saidOf(query).map(([name, value]): [string, string] => [
          name,
          typeof value === 'function' ? value(world.cursors) : real(String(value)),
        ]),
      );
      if (stranger) asked.append(stranger[0].toWellFormed(), stranger[1].toWellFormed());
      const url = `http://localhost${path.replace(/{\w+}/, () => encodeURIComponent(one.toWellFormed()) || '%20')}`;
      const isSent = method !== 'GET' && body !== undefined;
      const type = isSent && contentType !== '' ? { 'content-type': contentType } : {};
      return {
        ...{ method, url: asked.size > 0 ? `${url}?${asked}` : url, credential },
        headers: Object.fromEntries(
          Object.entries({ ...headers, ...type }).filter((entry): entry is [string, string] => entry[1] !== undefined),
        ),
        ...(isSent && { body: real(body) }),
      };
    });
}

/** Of what may be left out, what is said. */
function saidOf(query: Record<string, unknown>): [string, unknown][] {
  return Object.entries(query).filter(([, value]) => value !== undefined);
}

const NAMES = ['nova-micro', 'team-sonnet', 'gpt-4o', 'claude-sonnet-4-5'];
const PREFIX: Record<string, string> = { keys: 'key_', groups: 'grp_', users: 'usr_', sessions: 'ses_', threads: 'req_', prices: 'price_' };

const ALL = ['master', 'master', 'master', 'admin', 'admin', 'admin', 'auditor', 'owner', 'garbage', 'nothing'];
const OWN = ['owner', 'owner', 'owner', 'owner', 'other owner', 'admin', 'master', 'garbage', 'nothing'];

function exampleOf(parameters: Parameter[]): fc.Arbitrary<string> {
  return fc.constant(String(parameters.find((one) => one.in === 'path')?.example ?? 'x'));
}

function questionOf({ name, schema, example }: Parameter): fc.Arbitrary<unknown> {
  if (name === 'cursor') return cursorOf();
  const valid = valuesOf(schema, document.components.schemas);
  return fc.oneof({ weight: 7, arbitrary: valid }, hostileText, fc.constant(example ?? '1'));
}
