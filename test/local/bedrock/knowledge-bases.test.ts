// The stand-in's knowledge bases: the same passages for the same question, and refusals as Bedrock words them.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createStandin } from '../../../local/bedrock/standin.ts';

const standin = createStandin();
let url: string;
beforeAll(async () => {
  ({ url } = await standin.listen(0));
});
afterAll(() => standin.close());

async function retrieve(id: string, text: unknown, headers: Record<string, string> = { authorization: 'AWS4-HMAC-SHA256 any' }) {
  const body = JSON.stringify({ retrievalQuery: { text }, retrievalConfiguration: { vectorSearchConfiguration: { numberOfResults: 4 } } });
  const answer = await fetch(`${url}/knowledgebases/${id}/retrieve`, { method: 'POST', headers, body });
  const { retrievalResults = [] } = (await answer.json()) as { retrievalResults?: { content: { text: string } }[] };
  return { status: answer.status, type: answer.headers.get('x-amzn-errortype')?.split(':')[0], retrievalResults };
}

test('passages are about the question, as many as are asked for at most, and the same every time', async () => {
  const { status, retrievalResults } = await retrieve('KB12345678', 'Opening hours?!');
  expect([status, retrievalResults.length]).toEqual([200, 3]);
  expect(retrievalResults[0]).toEqual({
    content: { type: 'TEXT', text: 'Chapter 1 of the handbook is about “Opening hours?!”.' },
    location: { type: 'S3', s3Location: { uri: 's3://kb12345678/handbook/chapter-1.md' } },
    score: 0.9,
  });
  expect((await retrieve('KB12345678', 'Opening hours?!')).retrievalResults).toEqual(retrievalResults);
  expect((await retrieve('KB12345678', 'Opening hours')).retrievalResults).toHaveLength(4);
  expect((await retrieve('EMPTYBASE0', 'Opening hours')).retrievalResults).toEqual([]);
});

test.each<[id: string, text: unknown, status: number, type: string]>([
  ['NOSUCHBASE', 'a', 404, 'ResourceNotFoundException'],
  ['DENIEDBASE', 'a', 403, 'AccessDeniedException'],
  ['BUSYBASE00', 'a', 429, 'ThrottlingException'],
  ['KB1', 'a', 400, 'ValidationException'],
  ['KB12345678', '', 400, 'ValidationException'],
  ['KB12345678', 'x'.repeat(1_001), 400, 'ValidationException'],
])('%s asked for a text is refused with its exception', async (id, text, status, type) => {
  expect(await retrieve(id, text)).toMatchObject({ status, type });
});

test('a question without a signature is refused', async () => {
  expect((await retrieve('KB12345678', 'a', {})).type).toBe('MissingAuthenticationTokenException');
});
