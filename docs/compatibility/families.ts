// Families of models by the names people know them by, each with a model that stands for it, and what its models can do.

import { expandModels, type ListedFamily, type ModelsFile } from '../../functions/core/catalog/expand-models.ts';
import type { Abilities, Family, Model, ModelKind } from '../../functions/core/catalog/model.ts';
import modelsFile from '../../functions/core/catalog/models.json' with { type: 'json' };
import { table } from './markdown.ts';

const NAMES: Record<ListedFamily, string> = {
  'claude-3': 'Claude 3, 3.5',
  'claude-budget': 'Claude 3.7 to 4.5',
  'claude-budget-or-effort': 'Claude Opus 4.5',
  'claude-adaptive-or-budget': 'Claude 4.6',
  'claude-adaptive': 'Claude Opus 4.7, 4.8, Sonnet 5, Haiku 5.5',
  'claude-opus-5': 'Claude Opus 5',
  'claude-always-adaptive': 'Claude Fable 5, Opus 5.5, Sonnet 5.5',
  nova: 'Nova',
  'nova-2': 'Nova 2',
  'gpt-oss': 'gpt-oss',
  gpt: 'GPT',
  'deepseek-r1': 'DeepSeek R1',
  'deepseek-v3': 'DeepSeek V3',
  qwen: 'Qwen',
  kimi: 'Kimi',
  minimax: 'MiniMax',
  glm: 'GLM',
  nemotron: 'Nemotron',
  mistral: 'Mistral',
  llama: 'Llama',
  gemma: 'Gemma',
  'cohere-command': 'Command R',
  jamba: 'Jamba',
  palmyra: 'Palmyra',
  standin: 'stand-in',
  'titan-embed-v1': 'Titan embeddings v1',
  'titan-embed-v2': 'Titan embeddings v2',
  'titan-embed-image': 'Titan embeddings, pictures',
  'cohere-embed-v3': 'Cohere embeddings v3',
  'cohere-embed-v4': 'Cohere embeddings v4',
  'nova-embed': 'Nova embeddings',
  'amazon-image': "Amazon's pictures",
  'stability-image': "Stability's pictures",
};

const models = expandModels(modelsFile as ModelsFile);

/** Where the first model of a family is not what people mean by its name. */
const SHOWN_BY: Partial<Record<Family, string>> = { nova: 'nova-pro' };

const familiesOf = (kind: ModelKind) => [
  ...new Set(models.filter((model) => model.kind === kind).map(({ family }) => family as ListedFamily)),
];

/** Each family of chat models and the model it is shown by, in the order of the catalog. */
export const FAMILIES: { name: string; model: Model }[] = familiesOf('chat').map((family) => {
  const isShown = ({ name, family: its }: Model) => (SHOWN_BY[family] ? name === SHOWN_BY[family] : its === family);
  return { name: NAMES[family], model: models.find(isShown)! };
});

export const EMBEDDINGS: { name: string; family: Family; models: string[] }[] = familiesOf('embedding').map((family) => ({
  name: NAMES[family],
  family,
  models: models.filter((model) => model.family === family).map(({ name }) => name),
}));

const yes = (is: boolean) => (is ? 'yes' : '–');

/** Column → what it says of a model. */
const ABILITIES: Record<string, (abilities: Abilities, model: Model) => string> = {
  Tools: ({ tools, toolsInStream }) => (tools ? (toolsInStream ? 'yes' : 'yes; whole upstream') : '–'),
  Forced: ({ forcedTools, toolChoice }) => (forcedTools ? (toolChoice === 'named' ? 'any or one' : 'any') : '–'),
  Pictures: ({ vision }) => yes(vision),
  Documents: ({ documents }) => yes(documents),
  'Video, sound': ({ video, audio }) => [video && 'video', audio && 'sound'].filter(Boolean).join(', ') || '–',
  Reasoning: ({ reasoning }) => (reasoning ? [reasoning.style, reasoning.efforts.join(' ')].filter(Boolean).join(': ') : '–'),
  Caching: ({ promptCaching }) => {
    if (!promptCaching) return '–';
    return `from ${promptCaching.minTokens}${promptCaching.oneHour ? ', 1 h' : ''}${promptCaching.tools ? '' : ', not in tools'}`;
  },
  'JSON schema': ({ structuredOutput }) => ({ native: 'switch', tool: 'forced tool', instruction: 'in words' })[structuredOutput],
  Sampling: ({ sampling, temperatureAndTopP }) => (sampling ? (temperatureAndTopP ? 'yes' : 'one of two') : '–'),
  'Goes on': ({ prefill }) => yes(prefill),
  Context: (_abilities, { limits }) => String(limits.contextTokens),
  Output: (_abilities, { limits }) => String(limits.maxOutputTokens),
};

/** Columns in which nearly every model differs. */
const SIZES = new Set(['Context', 'Output']);

export function abilitiesTable(): string {
  const rows = FAMILIES.map(({ name, model }) => [
    name,
    `\`${model.name}\``,
    ...Object.values(ABILITIES).map((say) => say(model.abilities, model)),
  ]);
  return table(['Family', 'Shown by', ...Object.keys(ABILITIES)], rows);
}

/** Models that differ from the one their family is shown by. */
export function exceptions(): string {
  const lines = models.flatMap((model) => {
    const shown = FAMILIES.find((family) => family.model.family === model.family)?.model;
    if (!shown || shown === model) return [];
    const differing = Object.entries(ABILITIES)
      .filter(([column]) => !SIZES.has(column))
      .flatMap(([column, say]) => {
        const said = say(model.abilities, model);
        return said === say(shown.abilities, shown) ? [] : [`${column.toLowerCase()} ${said === '–' ? 'none' : said}`];
      });
    return differing.length > 0 ? [`- \`${model.name}\`: ${differing.join('; ')}`] : [];
  });
  return lines.join('\n');
}
