// Settings: what a stage is, what the command line changes, and what it may not say.
import { expect, test } from 'vitest';
import { relaySecretsOf } from '../../lib/settings.ts';
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
    isStrict: false,
    promptCaching: 'explicit',
    sendsUser: false,
    fetchesMedia: false,
    allowsRawIds: true,
    graceSeconds: 0,
    relays: '{}',
    features: {},
    rate: {},
    oidc: {},
    alertsWebhook: null,
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

const RELAY = { baseUrl: 'https://api.example.com/v1', key: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:relay-AbCdEf' };

test('relays are JSON on the command line or as they are in cdk.json, and are checked before anything is deployed', () => {
  const relays = { relays: { up: RELAY } };
  expect(settingsOf({ relays })).toEqual(settingsOf({ relays: JSON.stringify(relays) }));
  expect(relaySecretsOf(settingsOf({ relays: { relays: { up: RELAY, other: RELAY } } }))).toEqual([RELAY.key]);
  expect(relaySecretsOf(settingsOf())).toEqual([]);
});

test('what a function is told besides leaves less room for relays', () => {
  const relays = { relays: { up: { ...RELAY, headers: { 'x-a': 'a'.repeat(3_245) } } } };
  expect(settingsOf({ relays }).relays.length).toBeGreaterThan(3_375);
  expect(() => settingsOf({ relays, enableVision: false, enableDocuments: false })).toThrow('at most 3361 fit into a function');
});

test('an identity provider is what the authorizer finds in its environment', () => {
  const issuer = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_a';
  const { oidc } = settingsOf({ oidcIssuer: issuer, oidcAudience: 'one,two', oidcAdminGroups: ['ops', 'leads'] });
  expect(oidc).toEqual({ OUTCROP_OIDC_ISSUER: issuer, OUTCROP_OIDC_AUDIENCE: 'one,two', OUTCROP_OIDC_ADMIN_GROUPS: 'ops,leads' });
});

test.each([
  [{ relays: '{' }, 'relays: The relays are not JSON.'],
  [{ relays: { relays: { up: { ...RELAY, key: 'env:KEY' } } } }, 'relays.up.key must be the ARN of a secret'],
  [{ relays: { relays: { up: { ...RELAY, headers: { 'x-a': 'a'.repeat(4_000) } } } } }, 'at most 3400 fit into a function'],
  [{ alertsWebhook: 'http://example.com' }, 'alertsWebhook is "http://example.com"; it must be an https address.'],
  [{ rawIds: 'maybe' }, 'rawIds is "maybe"; it must be true or false.'],
  [{ oidcIssuer: 'https://id.example' }, 'oidcAudience is missing; it must name'],
  [{ oidcAudience: 'a' }, 'oidcIssuer is missing, but oidcAudience is set'],
  [{ oidcIssuer: 'http://id.example', oidcAudience: 'a' }, '"http://id.example" must be an https URL'],
  [{ oidcIssuer: 'https://id.example', oidcAudience: 7 }, 'oidcAudience is 7; it must be a text or a list of texts.'],
  [{ enableVision: 'perhaps' }, 'enableVision is "perhaps"; it must be one of true, false, 1, 0.'],
  [{ rateLimitRequests: 0 }, 'rateLimitRequests is "0"; it must be a whole number from 1 to'],
  [{ rateLimitWindow: 1_001 }, 'rateLimitWindow is "1001"; above 1000 it must be a whole number of minutes'],
  [{ stage: 'Prod!' }, 'stage is "Prod!"; it must be 1 to 20 small letters, digits and hyphens, a letter first.'],
  [{ ephemeral: 'yes' }, 'ephemeral is "yes"; it must be true or false.'],
  [{ logRetentionDays: '8' }, 'logRetentionDays is "8"; it must be one of 1, 3, 5, 7,'],
  [{ authorizerCacheSeconds: '61' }, 'authorizerCacheSeconds is "61"; it must be a whole number from 0 to 60.'],
  [{ originTimeoutSeconds: '' }, 'originTimeoutSeconds is ""; it must be a whole number from 60 to 600.'],
  [{ strict: 'on' }, 'strict is "on"; it must be true or false.'],
  [{ fetchMedia: 1 }, 'fetchMedia is 1; it must be true or false.'],
  [{ promptCaching: 'off' }, 'promptCaching is "off"; it must be one of explicit, auto.'],
  [{ proxyConcurrency: 0 }, 'proxyConcurrency is 0; it must be a whole number from 1 to 10000.'],
])('%j is refused with what was given and what is allowed', (context, message) => {
  expect(() => settingsOf(context)).toThrow(message);
});
