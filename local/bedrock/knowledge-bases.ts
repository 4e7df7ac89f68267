// What knowledge bases answer: every ID is one that has passages about whatever is asked, but for those whose name says what is wrong.
import { parseJson } from './call.ts';
import { invalid, Refusal } from './refusal.ts';

interface RetrieveRequest {
  retrievalQuery?: { text?: string };
  retrievalConfiguration?: { vectorSearchConfiguration?: { numberOfResults?: number } };
}

const REFUSALS: Record<string, () => Refusal> = {
  NOSUCHBASE: () => new Refusal('ResourceNotFoundException', 'Knowledge base with id NOSUCHBASE does not exist.'),
  DENIEDBASE: () => new Refusal('AccessDeniedException', 'User is not authorized to perform: bedrock:Retrieve on resource: DENIEDBASE'),
  BUSYBASE00: () => new Refusal('ThrottlingException', 'Too many requests, please wait before trying again.'),
};
/** Has nothing on anything. */
const EMPTY = 'EMPTYBASE0';
/** Has long passages. */
const LONG = 'LONGBASE00';
const ID = /^[0-9a-zA-Z]{10}$/;
const MOST_QUESTION = 1_000;

export function retrieve(id: string, body: string): object {
  const { retrievalQuery, retrievalConfiguration } = parseJson(body) as RetrieveRequest;
  const text = retrievalQuery?.text;
  if (!ID.test(id)) throw invalid('The knowledge base ID must match [0-9a-zA-Z]{10}.');
  if (typeof text !== 'string' || text === '' || text.length > MOST_QUESTION)
    throw invalid('retrievalQuery.text must have 1 to 1000 characters.');
  const refusal = REFUSALS[id]?.();
  if (refusal) throw refusal;
  const most = retrievalConfiguration?.vectorSearchConfiguration?.numberOfResults ?? 5;
  const count = id === EMPTY ? 0 : Math.min(most, 3 + (text.length % 3));
  const retrievalResults = Array.from({ length: count }, (_, index) => ({
    content: { type: 'TEXT', text: passageOf(id, text, index) },
    location: { type: 'S3', s3Location: { uri: `s3://${id.toLowerCase()}/handbook/chapter-${index + 1}.md` } },
    score: Number((0.9 - index / 10).toFixed(2)),
  }));
  return { retrievalResults };
}

function passageOf(id: string, question: string, index: number): string {
  const passage = `Chapter ${index + 1} of the handbook is about “${question}”.`;
  return id === LONG ? passage.padEnd(10_000, ' é') : passage;
}
