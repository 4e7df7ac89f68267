// Settings: what a stage is, what the command line changes, and what it may not say.
import { expect, test } from 'vitest';
import { settingsOf } from './deployment.ts';

test('without a word it is a production stage that keeps everything', () => {
  expect(settingsOf()).toEqual({
    stage: 'prod',
    logging: 'metadata',
    isEphemeral: false,
    logRetentionDays: 30,
    authorizerCacheSeconds: 60,
    originTimeoutSeconds: 120,
    proxyConcurrency: null,
  });
});

test('a stage has its own defaults, and the command line the last word', () => {
  expect(settingsOf({ stage: 'dev' })).toMatchObject({ stage: 'dev', isEphemeral: true, logRetentionDays: 7 });
  expect(settingsOf({ stage: 'dev', ephemeral: 'false', logRetentionDays: '90' })).toMatchObject({
    isEphemeral: false,
    logRetentionDays: 90,
  });
});

test('values may be strings of the command line or JSON of cdk.json', () => {
  expect(settingsOf({ ephemeral: true, proxyConcurrency: 50 })).toEqual(settingsOf({ ephemeral: 'true', proxyConcurrency: '50' }));
});

test.each([
  [{ stage: 'Prod!' }, 'stage is "Prod!"; it must be 1 to 20 small letters, digits and hyphens, a letter first.'],
  [{ ephemeral: 'yes' }, 'ephemeral is "yes"; it must be true or false.'],
  [{ logRetentionDays: '8' }, 'logRetentionDays is "8"; it must be one of 1, 3, 5, 7,'],
  [{ authorizerCacheSeconds: '61' }, 'authorizerCacheSeconds is "61"; it must be a whole number from 0 to 60.'],
  [{ originTimeoutSeconds: '' }, 'originTimeoutSeconds is ""; it must be a whole number from 60 to 600.'],
  [{ proxyConcurrency: 0 }, 'proxyConcurrency is 0; it must be a whole number from 1 to 10000.'],
])('%j is refused with what was given and what is allowed', (context, message) => {
  expect(() => settingsOf(context)).toThrow(message);
});
