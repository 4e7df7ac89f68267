// Models as OpenAI lists them, with what clients of older gateways read beside it. Pure.

export type ListedModel = {
  name: string;
  vendor: string;
  createdAt: number;
  abilities: { streaming: boolean; tools: boolean; vision: boolean; reasoning: unknown };
};

export function toOpenAiModel({ name, vendor, createdAt, abilities }: ListedModel): object {
  const { streaming, tools, vision, reasoning } = abilities;
  return {
    id: name,
    object: 'model',
    created: createdAt,
    owned_by: vendor,
    // Whether it takes more than text: what chat applications of the connector show a paper clip by.
    multiple: vision,
    capabilities: {
      vision,
      tool_use: tools,
      function_calling: tools,
      extended_thinking: reasoning !== false,
      streaming,
    },
  };
}

export function toOpenAiModels(models: ListedModel[]): object {
  return { object: 'list', data: models.map(toOpenAiModel) };
}
