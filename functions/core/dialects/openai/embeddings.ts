// OpenAI's embeddings, both ways. Pure. Its own clients ask for base64 by default and read what they get blindly, so the encoding must be exact.
import { GatewayError } from '../../platform/errors.ts';
import { parseBody, parseModelName } from './body.ts';
import { invalid, numberIn, shown } from './fields.ts';

export type EmbeddingsRequest = {
  model: string;
  texts: string[];
  dimensions: number | null;
  inputType: InputType | null;
  encoding: Encoding;
};

type Encoding = 'float' | 'base64';
type InputType = 'document' | 'query' | 'classification' | 'clustering';

/** OpenAI's own limit. */
const TEXTS_MAX = 2048;

/** The words clients of several vendors use for the same thing. An extension: OpenAI has no such field. */
const INPUT_TYPES: Record<string, InputType> = {
  search_document: 'document',
  document: 'document',
  passage: 'document',
  search_query: 'query',
  query: 'query',
  classification: 'classification',
  clustering: 'clustering',
};

export function parseEmbeddingsRequest(body: unknown): EmbeddingsRequest {
  const fields = parseBody(body);
  return {
    model: parseModelName(fields),
    texts: parseInput(fields.input),
    dimensions: numberIn(fields, 'dimensions', 1),
    inputType: parseInputType(fields.input_type),
    encoding: parseEncoding(fields.encoding_format),
  };
}

/** `vectors` in the order of the texts; `model` by the name the client used. */
export function toEmbeddingsResponse(
  { model, encoding }: EmbeddingsRequest,
  { vectors, inputTokens }: { vectors: number[][]; inputTokens: number },
): object {
  const data = vectors.map((vector, index) => ({
    object: 'embedding',
    index,
    embedding: encoding === 'base64' ? toBase64(vector) : vector,
  }));
  return { object: 'list', data, model, usage: { prompt_tokens: inputTokens, total_tokens: inputTokens } };
}

/** The vector as float32, lowest byte first, whatever the machine's own order. */
function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.allocUnsafe(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}

function parseInput(input: unknown): string[] {
  if (input === undefined || input === null) {
    throw new GatewayError('missing_required_parameter', 'You must provide input: a string or an array of strings.', { param: 'input' });
  }
  if (!Array.isArray(input)) return [parseText(input, 'input')];
  if (input.length === 0) throw invalid('input', 'input must hold at least one string.');
  if (isTokens(input) || input.some(isTokens)) throw tokensRefused();
  if (input.length > TEXTS_MAX) {
    throw invalid('input', `input holds ${input.length} strings; at most ${TEXTS_MAX} are taken per request.`);
  }
  return input.map((text, index) => parseText(text, `input[${index}]`));
}

function parseText(text: unknown, path: string): string {
  if (typeof text !== 'string') throw invalid(path, `${path} must be a string, not ${shown(text)}.`);
  if (text === '') throw invalid(path, `${path} is empty; there is nothing to embed.`);
  return text.toWellFormed();
}

function isTokens(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((member) => typeof member === 'number');
}

/** Token ids are of OpenAI's tokenizer; the models here have their own, and would make vectors of other words. */
function tokensRefused(): GatewayError {
  const message =
    'input holds token ids, which mean nothing to this model; send strings. In LangChain (Python): OpenAIEmbeddings(check_embedding_ctx_length=False).';
  return invalid('input', message);
}

function parseInputType(value: unknown): InputType | null {
  if (value === undefined || value === null) return null;
  const known = typeof value === 'string' && Object.hasOwn(INPUT_TYPES, value) ? INPUT_TYPES[value] : undefined;
  if (!known) throw invalid('input_type', `input_type must be one of ${Object.keys(INPUT_TYPES).join(', ')}, not ${shown(value)}.`);
  return known;
}

function parseEncoding(value: unknown): Encoding {
  if (value === undefined || value === null) return 'float';
  if (value !== 'float' && value !== 'base64') {
    throw invalid('encoding_format', `encoding_format must be float or base64, not ${shown(value)}.`);
  }
  return value;
}
