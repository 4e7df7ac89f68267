// The bodies of embedding models, family by family: what each takes, and where its answer has the vectors and the count. Pure.
// Source: the model pages of the Amazon Bedrock user guide, "Inference request parameters and response fields".

export type InputType = 'document' | 'query' | 'classification' | 'clustering';

/** What is asked for besides the texts; `null` leaves it to the model. */
export type EmbedWish = { dimensions: number | null; inputType: InputType | null };

export type EmbedFamily = {
  textsPerCall: number;
  /** The lengths a vector may be asked for; empty where the model has one only. */
  dimensions: readonly number[];
  takesInputType: boolean;
  bodyOf(texts: readonly string[], wish: EmbedWish): object;
  vectorsOf(answer: Answer): unknown;
  /** The input tokens as the body tells them, where it does. */
  tokensOf(answer: Answer): unknown;
};

/** The members any family's answer may have. */
export type Answer = {
  embedding?: unknown;
  embeddings?: unknown;
  inputTextTokenCount?: unknown;
  inputTokenCount?: unknown;
};

const COHERE_INPUT_TYPE: Record<InputType, string> = {
  document: 'search_document',
  query: 'search_query',
  classification: 'classification',
  clustering: 'clustering',
};
const NOVA_PURPOSE: Record<InputType, string> = {
  document: 'GENERIC_INDEX',
  query: 'GENERIC_RETRIEVAL',
  classification: 'CLASSIFICATION',
  clustering: 'CLUSTERING',
};
/** The length Nova's own service makes when none is asked for; it must be in the body all the same. */
const NOVA_DIMENSIONS = 3072;

const TITAN: EmbedFamily = {
  textsPerCall: 1,
  dimensions: [],
  takesInputType: false,
  bodyOf: ([inputText]) => ({ inputText }),
  vectorsOf: ({ embedding }) => [embedding],
  tokensOf: ({ inputTextTokenCount }) => inputTextTokenCount,
};

const COHERE: EmbedFamily = {
  textsPerCall: 96,
  dimensions: [],
  takesInputType: true,
  // Cohere refuses a call without input_type. Most who do not know of it fill an index.
  bodyOf: (texts, { inputType }) => ({ texts, input_type: COHERE_INPUT_TYPE[inputType ?? 'document'] }),
  vectorsOf: ({ embeddings }) => (Array.isArray(embeddings) ? embeddings : (embeddings as { float?: unknown } | undefined)?.float),
  // Told in the header only.
  tokensOf: () => undefined,
};

export const EMBED_FAMILIES: Readonly<Record<string, EmbedFamily>> = {
  'titan-embed-v1': TITAN,
  'titan-embed-v2': {
    ...TITAN,
    dimensions: [256, 512, 1024],
    bodyOf: ([inputText], { dimensions }) => ({ inputText, ...(dimensions !== null && { dimensions }) }),
  },
  'titan-embed-image': {
    ...TITAN,
    dimensions: [256, 384, 1024],
    bodyOf: ([inputText], { dimensions }) => ({
      inputText,
      ...(dimensions !== null && { embeddingConfig: { outputEmbeddingLength: dimensions } }),
    }),
  },
  'cohere-embed-v3': COHERE,
  'cohere-embed-v4': {
    ...COHERE,
    dimensions: [256, 512, 1024, 1536],
    bodyOf: (texts, wish) => ({
      ...COHERE.bodyOf(texts, wish),
      embedding_types: ['float'],
      ...(wish.dimensions !== null && { output_dimension: wish.dimensions }),
    }),
  },
  'nova-embed': {
    textsPerCall: 1,
    dimensions: [256, 384, 1024, NOVA_DIMENSIONS],
    takesInputType: true,
    bodyOf: ([value], { dimensions, inputType }) => ({
      taskType: 'SINGLE_EMBEDDING',
      singleEmbeddingParams: {
        embeddingPurpose: NOVA_PURPOSE[inputType ?? 'document'],
        embeddingDimension: dimensions ?? NOVA_DIMENSIONS,
        text: { truncationMode: 'END', value },
      },
    }),
    vectorsOf: ({ embeddings }) => (Array.isArray(embeddings) ? embeddings.map((made) => made?.embedding) : undefined),
    tokensOf: ({ inputTokenCount }) => inputTokenCount,
  },
};
