// What is remembered of models stays small, whatever clients ask for.
import { expect, test } from 'vitest';
import { createShippedCatalog } from '../../../functions/core/catalog/shipped.ts';
import { createLessons } from '../../../functions/core/turn/lessons.ts';

const { model } = createShippedCatalog().resolve('claude-sonnet-4-5')!;

test('a model of which nothing was learned is the very same object', () => {
  expect(createLessons(() => 0).known(model, 'a')).toBe(model);
});

test('lessons about one model add up', () => {
  const lessons = createLessons(() => 0);
  lessons.learn('a', { abilities: { structuredOutput: 'tool' } });
  lessons.learn('a', { abilities: { sampling: false } });
  lessons.learn('a', { hasNoOneHour: true });
  expect(lessons.known(model, 'a').abilities).toMatchObject({
    structuredOutput: 'tool',
    sampling: false,
    promptCaching: { oneHour: false, tools: true },
  });
});

test('the oldest of two hundred models is forgotten for the next, and one that is learned of again is not the oldest', () => {
  const lessons = createLessons(() => 0);
  const learn = (target: string) => lessons.learn(target, { abilities: { sampling: false } });
  for (let index = 0; index < 200; index += 1) learn(`model ${index}`);
  learn('model 0');
  learn('another');
  const isKnown = (target: string) => lessons.known(model, target) !== model;
  expect(['model 0', 'model 1', 'model 2', 'another'].map(isKnown)).toEqual([true, false, true, true]);
});

test('no more than twenty fields are remembered of a model', () => {
  const lessons = createLessons(() => 0);
  const names = Array.from({ length: 21 }, (_, index) => `f${index}`);
  for (const name of names) lessons.learn('a', { field: { name } });
  const request = { messages: [], additionalModelRequestFields: Object.fromEntries(names.map((name) => [name, 1])) };
  expect(lessons.strip({ request, warnings: [] }, 'a').request.additionalModelRequestFields).toEqual({ f0: 1 });
});

test('a field that was refused with one value is sent with another', () => {
  const lessons = createLessons(() => 0);
  lessons.learn('a', { field: { name: 'anthropic_beta', value: '["wrong"]' } });
  const sent = (betas: string[]) =>
    lessons.strip({ request: { messages: [], additionalModelRequestFields: { anthropic_beta: betas } }, warnings: [] }, 'a');
  expect(sent(['wrong']).request.additionalModelRequestFields).toBeUndefined();
  expect(sent(['right'])).toMatchObject({ request: { additionalModelRequestFields: { anthropic_beta: ['right'] } }, warnings: [] });
});
