// Checks every word of models.json against the unions of model.ts, since JSON cannot carry them.
import { describe, expect, it } from 'vitest';
import { expandModels, type ModelsFile } from '../../../functions/core/catalog/expand-models.ts';
import type { Effort, ReasoningStyle } from '../../../functions/core/catalog/model.ts';
import file from '../../../functions/core/catalog/models.json' with { type: 'json' };

const modelsFile = file as unknown as ModelsFile;
const models = expandModels(modelsFile);

const STYLES: Record<ReasoningStyle, 'efforts' | 'no efforts'> = {
  budget: 'no efforts',
  'budget-or-effort': 'efforts',
  'adaptive-or-budget': 'efforts',
  adaptive: 'efforts',
  'always-adaptive': 'efforts',
  'nova-effort': 'efforts',
  'flat-effort': 'efforts',
  'nested-effort': 'efforts',
  'deepseek-effort': 'efforts',
  'always-on': 'no efforts',
};
const EFFORTS: readonly Effort[] = ['none', 'low', 'medium', 'high', 'xhigh', 'max'];
const TOOL_CHOICES = ['none', 'auto', 'any', 'named'];
const BASE_KEYS = Object.keys(modelsFile.base);
const ROW_KEYS = new Set(
  'name id family displayName created aliases profile vendor abilities contextTokens maxOutputTokens lifecycle retired'.split(' '),
);

describe('models.json', () => {
  it('gives every name, alias and foundation ID to one model only', () => {
    const names = models.flatMap(({ name, aliases, foundationId }) => [name, ...aliases, foundationId]);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('has no word that the types do not know', () => {
    for (const row of modelsFile.models) {
      expect(Object.keys(row).filter((key) => !ROW_KEYS.has(key))).toEqual([]);
      expect(Object.keys(modelsFile.families)).toContain(row.family);
      expect(['global', 'us', undefined]).toContain(row.profile);
      expect(['active', 'legacy', undefined]).toContain(row.lifecycle);
    }
    for (const { abilities = {} } of [...modelsFile.models, ...Object.values(modelsFile.families)]) {
      expect(Object.keys(abilities).filter((key) => !BASE_KEYS.includes(key))).toEqual([]);
    }
  });

  it('uses every family for a listed model, but the stand-in, which has none', () => {
    const used = new Set(models.map(({ family }) => family));
    expect(Object.keys(modelsFile.families).filter((family) => !used.has(family as never))).toEqual(['standin']);
  });

  it.each(models)('keeps the flags of $name free of contradictions', ({ abilities, kind }) => {
    expect(TOOL_CHOICES).toContain(abilities.toolChoice);
    expect(['native', 'tool', 'instruction']).toContain(abilities.structuredOutput);
    expect(abilities.toolChoice !== 'none').toBe(abilities.tools);
    if (abilities.toolsInStream) expect(abilities.tools).toBe(true);
    if (abilities.forcedTools) expect(['any', 'named']).toContain(abilities.toolChoice);
    if (abilities.structuredOutput === 'tool') expect(abilities.forcedTools).toBe(true);
    if (!abilities.sampling) expect(abilities.temperatureAndTopP).toBe(false);
    if (kind !== 'chat') expect(abilities).toMatchObject({ tools: false, streaming: false, reasoning: false, promptCaching: false });
  });

  it('names ways to reason that exist, with efforts from weak to strong where they have any', () => {
    for (const { name, abilities } of models) {
      const { reasoning } = abilities;
      if (reasoning === false) continue;
      expect(STYLES[reasoning.style], name).toBe(reasoning.efforts.length > 0 ? 'efforts' : 'no efforts');
      expect(reasoning.efforts, name).toEqual(EFFORTS.filter((effort) => reasoning.efforts.includes(effort)));
    }
  });

  it('sends every chat model less than its maximum when a caller asks for none', () => {
    for (const { name, limits } of models.filter(({ kind }) => kind === 'chat')) {
      expect(limits.defaultMaxTokens, name).toBeGreaterThanOrEqual(1024);
      expect(limits.defaultMaxTokens, name).toBeLessThanOrEqual(4096);
      expect(limits.defaultMaxTokens, name).toBeLessThan(limits.maxOutputTokens);
      expect(limits.maxOutputTokens, name).toBeLessThanOrEqual(limits.contextTokens);
    }
  });

  it('dates every model in whole seconds, with its end after its beginning', () => {
    for (const { name, createdAt, retiredAt } of models) {
      expect(Number.isInteger(createdAt), name).toBe(true);
      expect(createdAt, name).toBeGreaterThan(Date.UTC(2023, 0, 1) / 1000);
      if (retiredAt !== undefined) expect(retiredAt, name).toBeGreaterThan(createdAt);
    }
  });

  it('sends every model to its foundation ID or an inference profile of it', () => {
    for (const { name, target, foundationId, kind, transport } of models) {
      expect(
        ['', 'us.', 'global.'].map((prefix) => prefix + foundationId),
        name,
      ).toContain(target);
      expect(transport, name).toBe(kind === 'chat' ? 'converse' : 'invoke');
    }
  });

  it('lets temperature and top_p meet only on Claude models before 4.1', () => {
    const both = models.filter(({ vendor, abilities }) => vendor === 'anthropic' && abilities.temperatureAndTopP);
    expect(both.map(({ name }) => name)).toEqual([
      'claude-opus-4',
      'claude-sonnet-4',
      'claude-3-7-sonnet',
      'claude-3-5-sonnet',
      'claude-3-5-sonnet-20240620',
      'claude-3-5-haiku',
      'claude-3-opus',
      'claude-3-sonnet',
      'claude-3-haiku',
    ]);
  });

  it('keeps the quirks that break requests when they are wrong', () => {
    const abilitiesOf = (name: string) => models.find((model) => model.name === name)?.abilities;
    for (const name of ['claude-opus-4-7', 'claude-opus-4-8', 'claude-sonnet-5', 'claude-opus-5', 'claude-fable-5', 'gpt-5.6-sol']) {
      expect(abilitiesOf(name), name).toMatchObject({ sampling: false, strictTools: false });
    }
    for (const name of ['claude-fable-5-1', 'claude-opus-5-5', 'claude-sonnet-5-5', 'gpt-oss-120b', 'llama3-3-70b']) {
      expect(abilitiesOf(name), name).toMatchObject({ tools: true, forcedTools: false });
    }
    expect(abilitiesOf('claude-sonnet-4-5')).toMatchObject({ temperatureAndTopP: false, prefill: true, structuredOutput: 'native' });
    expect(abilitiesOf('claude-opus-4-6')).toMatchObject({ prefill: false, sampling: true });
    expect(abilitiesOf('nova-pro')).toMatchObject({ promptCaching: { oneHour: false, tools: false }, countTokens: false });
    for (const name of ['llama3-3-70b', 'llama4-scout', 'pixtral-large', 'mistral-large']) {
      expect(abilitiesOf(name), name).toMatchObject({ tools: true, toolsInStream: false });
    }
    expect(abilitiesOf('nova-micro')).toMatchObject({ vision: false });
  });
});
