// Turns the compact models.json into whole models: base, then the family, then the model's own differences. Pure.
import type { Abilities, Family, Lifecycle, Model, ModelKind, Transport } from './model.ts';

/** Relayed models are no row of the file. */
export type ListedFamily = Exclude<Family, 'relay'>;

export type FamilyRow = {
  vendor: string;
  kind?: ModelKind;
  abilities?: Partial<Abilities>;
  /** Unlisted IDs that begin with one of these are taken for this family; the longest prefix wins. */
  prefixes?: readonly string[];
  contextTokens: number;
  maxOutputTokens: number;
};

export type ModelRow = {
  name: string;
  id: string;
  family: ListedFamily;
  displayName: string;
  /** Day of release, `2025-09-29`. */
  created: string;
  aliases?: readonly string[];
  /** The inference profile to call instead of the bare ID. */
  profile?: 'global' | 'us';
  vendor?: string;
  abilities?: Partial<Abilities>;
  contextTokens?: number;
  maxOutputTokens?: number;
  lifecycle?: Lifecycle;
  retired?: string;
};

export type ModelsFile = { base: Abilities; families: Record<ListedFamily, FamilyRow>; models: readonly ModelRow[] };

const DEFAULT_MAX_TOKENS = 4096;

/** Every listed model, whole. */
export function expandModels(file: ModelsFile): Model[] {
  return file.models.map((row) => expandModel(file, row));
}

/** One row, whole. `limits.defaultMaxTokens` is 4096, or half the maximum where that is less. */
export function expandModel(file: ModelsFile, row: ModelRow): Model {
  const family = file.families[row.family];
  const kind = family.kind ?? 'chat';
  const transport: Transport = kind === 'chat' ? 'converse' : 'invoke';
  const maxOutputTokens = row.maxOutputTokens ?? family.maxOutputTokens;
  return {
    name: row.name,
    aliases: row.aliases ?? [],
    kind,
    vendor: row.vendor ?? family.vendor,
    displayName: row.displayName,
    family: row.family,
    foundationId: row.id,
    target: row.profile === undefined ? row.id : `${row.profile}.${row.id}`,
    transport,
    createdAt: toUnixSeconds(row.created),
    abilities: { ...file.base, ...family.abilities, ...row.abilities },
    limits: {
      contextTokens: row.contextTokens ?? family.contextTokens,
      maxOutputTokens,
      defaultMaxTokens: Math.min(DEFAULT_MAX_TOKENS, Math.floor(maxOutputTokens / 2)),
    },
    lifecycle: row.lifecycle ?? 'active',
    ...(row.retired === undefined ? {} : { retiredAt: toUnixSeconds(row.retired) }),
  };
}

function toUnixSeconds(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / 1000;
}
