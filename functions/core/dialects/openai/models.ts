// Models as OpenAI lists them. Pure.

export type ListedModel = { name: string; vendor: string; createdAt: number };

export function toOpenAiModel({ name, vendor, createdAt }: ListedModel): object {
  return { id: name, object: 'model', created: createdAt, owned_by: vendor };
}

export function toOpenAiModels(models: ListedModel[]): object {
  return { object: 'list', data: models.map(toOpenAiModel) };
}
