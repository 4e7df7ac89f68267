// What models turned out not to take, remembered for an hour: only the first call pays for finding it out. Law: bounded, and nothing is
// learned from a refusal unless the second try was answered.
import type { Model } from '../catalog/model.ts';
import { type Lesson, type RefusedField, withoutRefused } from '../dialects/content/healing.ts';
import type { Clock } from '../platform/clock.ts';
import type { Translated } from './turn.ts';

export type Lessons = ReturnType<typeof createLessons>;

type Learned = { abilities: NonNullable<Lesson['abilities']>; hasNoOneHour: boolean; fields: RefusedField[]; until: number };

const LIFE_MS = 60 * 60 * 1000;
/** Clients may name models that the catalog does not know, so there is no end of them. */
const MAX_TARGETS = 200;
const MAX_FIELDS = 20;
const REFUSED_FIELD = 'additionalModelRequestFields;refused by the model';

export function createLessons(clock: Clock) {
  const learned = new Map<string, Learned>();

  function of(target: string): Learned | undefined {
    const found = learned.get(target);
    if (!found || clock() < found.until) return found;
    learned.delete(target);
    return undefined;
  }

  return {
    /** The model as it turned out to be. The very same object where nothing was learned. */
    known(model: Model, target: string): Model {
      const lesson = of(target);
      return lesson ? knownAs(model, lesson.abilities, lesson.hasNoOneHour) : model;
    },

    /** A translation without the fields that the model refused. */
    strip(translated: Translated, target: string): Translated {
      const request = (of(target)?.fields ?? []).reduce(withoutRefused, translated.request);
      return request === translated.request ? translated : { request, warnings: [...translated.warnings, REFUSED_FIELD] };
    },

    learn(target: string, { abilities, hasNoOneHour = false, field }: Lesson): void {
      const before = of(target);
      const fields = [...(before?.fields ?? []), ...(field ? [field] : [])].slice(-MAX_FIELDS);
      // The last learned comes last, so that the first is the oldest.
      learned.delete(target);
      learned.set(target, {
        abilities: { ...before?.abilities, ...abilities },
        hasNoOneHour: hasNoOneHour || before?.hasNoOneHour === true,
        fields,
        until: clock() + LIFE_MS,
      });
      if (learned.size > MAX_TARGETS) learned.delete(learned.keys().next().value!);
    },
  };
}

export function knownAs(model: Model, abilities: Lesson['abilities'], hasNoOneHour = false): Model {
  const found = { ...model.abilities, ...abilities } as Model['abilities'];
  const caching = found.promptCaching && hasNoOneHour ? { ...found.promptCaching, oneHour: false } : found.promptCaching;
  return { ...model, abilities: { ...found, promptCaching: caching } };
}
