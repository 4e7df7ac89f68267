// Models that a key or a group is bound to, as a list of names. Pure. Law: taking the last name away leaves nothing to call; an empty list
// would be every model.
import type { ListedModel } from '../../core/catalog/overlay.ts';

/** Stands where every model was taken away: no model has such a name. */
const NONE = '(none)';

export function namesOf({ model, target }: ListedModel): string[] {
  return [model.name, ...model.aliases, ...(model.knowledgeBase ? [] : [target])];
}

export function isGranted(models: readonly string[], listed: ListedModel): boolean {
  return namesOf(listed).some((name) => models.includes(name));
}

/** Takes the model away where it is, adds it where it is not. */
export function toggled(models: readonly string[], listed: ListedModel): { models: string[]; did: 'created' | 'deleted' } {
  if (!isGranted(models, listed)) return { models: [...models.filter((name) => name !== NONE), listed.model.name], did: 'created' };
  const names = namesOf(listed);
  const rest = models.filter((name) => !names.includes(name));
  return { models: rest.length > 0 ? rest : [NONE], did: 'deleted' };
}
