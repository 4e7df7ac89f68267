// InvokeModel of the embedding families: each has its own body, its own sizes and its own answer. Pure.
import { embed } from './embeddings.ts';
import type { Model } from './models.ts';
import { invalid } from './refusal.ts';
import { countTokens } from './tokens.ts';

export interface Embedded {
  body: object;
  inputTokens: number;
}

const COHERE_TEXTS_MAX = 96;

const FAMILIES: [RegExp, (body: Body, model: Model) => Embedded][] = [
  [/^amazon\.titan-embed-image/, embedTitanImage],
  [/^amazon\.titan-embed-text-v2/, embedTitan],
  [/^amazon\.titan-embed/, embedTitanFirst],
  [/^cohere\.embed/, embedCohere],
  [/^amazon\.nova-2-multimodal-embeddings/, embedNova],
];

interface Body {
  inputText?: string;
  inputImage?: string;
  dimensions?: number;
  embeddingTypes?: string[];
  embeddingConfig?: { outputEmbeddingLength?: number };
  texts?: string[];
  input_type?: string;
  embedding_types?: string[];
  output_dimension?: number;
  taskType?: string;
  singleEmbeddingParams?: { embeddingPurpose?: string; embeddingDimension?: number; text?: { value?: string } };
}

export function invokeEmbedding(model: Model, body: unknown): Embedded {
  const family = FAMILIES.find(([pattern]) => pattern.test(model.baseId));
  if (!family) throw invalid("This action doesn't support the model that you provided.");
  return family[1](body as Body, model);
}

function embedTitanFirst(body: Body): Embedded {
  for (const key of ['dimensions', 'embeddingTypes', 'normalize']) {
    if (key in body)
      throw invalid(`Malformed input request: #: extraneous key [${key}] is not permitted, please reformat your input and try again.`);
  }
  const text = titanTextOf(body);
  return { body: { embedding: embed(text, 1536), inputTextTokenCount: countTokens(text) }, inputTokens: countTokens(text) };
}

function embedTitan(body: Body): Embedded {
  const text = titanTextOf(body);
  const vector = embed(text, sizeOf('dimensions', body.dimensions ?? 1024, [256, 512, 1024]));
  const types = body.embeddingTypes ?? ['float'];
  const embeddingsByType = Object.fromEntries(
    types.map((type) => [type, type === 'binary' ? vector.map((value) => (value > 0 ? 1 : 0)) : vector]),
  );
  const inputTokens = countTokens(text);
  return {
    body: { ...(types.includes('float') && { embedding: vector }), embeddingsByType, inputTextTokenCount: inputTokens },
    inputTokens,
  };
}

function embedTitanImage(body: Body): Embedded {
  if (!body.inputText && !body.inputImage) throw invalid('At least one of inputText and inputImage is required.');
  const size = sizeOf('outputEmbeddingLength', body.embeddingConfig?.outputEmbeddingLength ?? 1024, [256, 384, 1024]);
  const inputTokens = countTokens(body.inputText ?? '');
  return {
    body: { embedding: embed(`${body.inputText ?? ''} ${body.inputImage ?? ''}`, size), inputTextTokenCount: inputTokens },
    inputTokens,
  };
}

function embedCohere(body: Body, model: Model): Embedded {
  const { texts = [], input_type: inputType } = body;
  if (!inputType)
    throw invalid('Malformed input request: #: required key [input_type] not found, please reformat your input and try again.');
  if (texts.length === 0 || texts.length > COHERE_TEXTS_MAX) {
    throw invalid(
      `Malformed input request: #/texts: expected between 1 and ${COHERE_TEXTS_MAX} items, please reformat your input and try again.`,
    );
  }
  const isFourth = model.baseId.startsWith('cohere.embed-v4');
  if (!isFourth && body.output_dimension !== undefined) {
    throw invalid(
      'Malformed input request: #: extraneous key [output_dimension] is not permitted, please reformat your input and try again.',
    );
  }
  const size = isFourth ? sizeOf('output_dimension', body.output_dimension ?? 1536, [256, 512, 1024, 1536]) : 1024;
  const vectors = texts.map((text) => embed(text, size));
  const types = body.embedding_types;
  const embeddings = types ? Object.fromEntries(types.map((type) => [type, vectors.map((vector) => quantized(vector, type))])) : vectors;
  const answer = {
    id: '00000000-0000-4000-8000-000000000001',
    texts,
    embeddings,
    response_type: types ? 'embeddings_by_type' : 'embeddings_floats',
  };
  return { body: answer, inputTokens: texts.reduce((sum, text) => sum + countTokens(text), 0) };
}

function embedNova(body: Body): Embedded {
  const { singleEmbeddingParams: asked } = body;
  if (body.taskType !== 'SINGLE_EMBEDDING' || !asked?.embeddingPurpose)
    throw invalid('taskType SINGLE_EMBEDDING with its singleEmbeddingParams is required.');
  const text = asked.text?.value;
  if (!text) throw invalid('singleEmbeddingParams.text.value must not be empty.');
  const embedding = embed(text, sizeOf('embeddingDimension', asked.embeddingDimension ?? 3072, [256, 384, 1024, 3072]));
  return {
    body: { embeddings: [{ embeddingType: 'TEXT', embedding }], inputTokenCount: countTokens(text) },
    inputTokens: countTokens(text),
  };
}

function titanTextOf({ inputText }: Body): string {
  if (typeof inputText !== 'string')
    throw invalid('Malformed input request: #: required key [inputText] not found, please reformat your input and try again.');
  if (inputText === '')
    throw invalid('Malformed input request: expected minLength: 1, actual: 0, please reformat your input and try again.');
  return inputText;
}

function sizeOf(name: string, size: number, allowed: number[]): number {
  if (!allowed.includes(size))
    throw invalid(
      `Malformed input request: #/${name}: ${size} is not one of ${allowed.join(', ')}, please reformat your input and try again.`,
    );
  return size;
}

function quantized(vector: number[], type: string): number[] {
  return type === 'int8' ? vector.map((value) => Math.round(value * 127)) : vector;
}
