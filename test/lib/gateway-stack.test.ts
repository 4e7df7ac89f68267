// The serving part: who may do what, what is open to whom, and that a stream is held back by nobody.
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { ADMIN_VARIABLES, AUTHORIZER_VARIABLES, CHAT_VARIABLES, PROXY_VARIABLES } from '../../functions/core/platform/environment.ts';
import { ORIGIN_HEADER } from '../../functions/proxy/origin.ts';
import { type Resource, resourcesOf, templatesOf } from './deployment.ts';

const { gateway } = templatesOf();
const ephemeral = templatesOf({ ephemeral: 'true' }).gateway;

const FUNCTIONS = { Proxy: PROXY_VARIABLES, Admin: ADMIN_VARIABLES, Authorizer: AUTHORIZER_VARIABLES } as const;
type FunctionId = keyof typeof FUNCTIONS;
const functionIds = Object.keys(FUNCTIONS) as FunctionId[];

/** The one resource of the type whose logical id is `Api<name>` and a hash. */
function only(type: string, name: string): Resource {
  const found = Object.entries(resourcesOf(gateway, type)).filter(([id]) => new RegExp(`^Api${name}[0-9A-F]{8}$`).test(id));
  expect(found, `${type} Api${name}`).toHaveLength(1);
  return found[0]![1];
}

describe.each(functionIds)('the function %s', (id) => {
  const { Properties } = only('AWS::Lambda::Function', id);

  test('gets every variable it reads, and no other', () => {
    const { Variables } = Properties.Environment as { Variables: Record<string, unknown> };
    expect(Object.keys(Variables).sort()).toEqual([...FUNCTIONS[id]].sort());
  });

  test('is small, on arm64 and Node 24', () => {
    expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], MemorySize: 512, Handler: 'index.handler' });
  });
});

test.each<[Record<string, string>, string[]]>([
  [{}, ['off', 'explicit', 'off', 'off']],
  [{ strict: 'true' }, ['on', 'explicit', 'off', 'off']],
  [{ promptCaching: 'auto' }, ['off', 'auto', 'off', 'off']],
  [{ sendUser: 'true' }, ['off', 'explicit', 'on', 'off']],
  [{ fetchMedia: 'true' }, ['off', 'explicit', 'off', 'on']],
])('with %j the proxy translates chats with %j', (context, words) => {
  const functions = Object.values(resourcesOf(templatesOf(context).gateway, 'AWS::Lambda::Function'));
  const proxy = functions.find(({ Properties }) => Properties.Description === 'Outcrop: the model API')!;
  const { Variables } = proxy.Properties.Environment as { Variables: Record<string, string> };
  expect(CHAT_VARIABLES.map((name) => Variables[name])).toEqual(words);
});

test('features and rates that are set are told to the functions that ask for them, and to no others', () => {
  const context = { enableVision: 'false', enableToolUse: false, rateLimitRequests: '50', rateLimitWindow: 3_600 };
  const functions = Object.values(resourcesOf(templatesOf(context).gateway, 'AWS::Lambda::Function'));
  const told = functions.flatMap(({ Properties }) => {
    const { Variables = {} } = (Properties.Environment ?? {}) as { Variables?: Record<string, unknown> };
    const named = Object.entries(Variables).filter(([name]) => /^(ENABLE|RATE)_/.test(name));
    return named.length > 0 ? [[Properties.Description, Object.fromEntries(named)]] : [];
  });
  const features = { ENABLE_VISION: 'false', ENABLE_TOOL_USE: 'false' };
  expect(Object.fromEntries(told)).toEqual({
    'Outcrop: the model API': features,
    'Outcrop: the JSON APIs': { ...features, RATE_LIMIT_REQUESTS: '50', RATE_LIMIT_WINDOW: '3600' },
  });
});

describe('permissions', () => {
  type Statement = { Action: string | string[]; Resource: unknown; Effect: string };
  const allowed = (id: FunctionId) => {
    const { Statement } = only('AWS::IAM::Policy', `${id}RoleDefaultPolicy`).Properties.PolicyDocument as { Statement: Statement[] };
    return Statement.map(({ Action, Resource, Effect }) => `${Effect} ${[Action].flat().join(' ')} on ${nameOf(Resource)}`).sort();
  };
  const log = (id: string) => `Allow logs:CreateLogStream logs:PutLogEvents on ${id}Log`;

  test('the proxy reads and updates accounts, adds to the journal and to conversations it cannot read, and calls models', () => {
    expect(allowed('Proxy')).toEqual([
      'Allow bedrock:CountTokens on bedrock:*::foundation-model/*',
      'Allow bedrock:GetInferenceProfile on application-inference-profile/*',
      'Allow bedrock:InvokeModel bedrock:InvokeModelWithResponseStream on ' +
        'application-inference-profile/*, inference-profile/*, bedrock:*::foundation-model/*',
      'Allow bedrock:Retrieve on knowledge-base/*',
      'Allow dynamodb:BatchWriteItem dynamodb:UpdateItem on ConversationsTable',
      'Allow dynamodb:GetItem dynamodb:PutItem on JournalTable',
      'Allow dynamodb:GetItem dynamodb:Query dynamodb:UpdateItem on AccountsTable',
      log('Proxy'),
      'Allow s3:PutObject on Bodies/*',
      'Allow secretsmanager:GetSecretValue on OriginSecret',
    ]);
  });

  test('the proxy reads the keys of relays, where there are any, and no other secret', () => {
    const key = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:relay-AbCdEf';
    const relays = { relays: { up: { baseUrl: 'https://api.example.com/v1', key } } };
    const { gateway: relaying } = templatesOf({ relays });
    const policies = JSON.stringify(resourcesOf(relaying, 'AWS::IAM::Policy'));
    expect(policies.split(key)).toHaveLength(2);
    relaying.hasResourceProperties('AWS::IAM::Policy', {
      PolicyName: Match.stringLikeRegexp('^ApiProxyRole'),
      PolicyDocument: {
        Statement: Match.arrayWith([
          { Action: 'secretsmanager:GetSecretValue', Effect: 'Allow', Resource: [key, { Ref: Match.stringLikeRegexp('OriginSecret') }] },
        ]),
      },
    });
    relaying.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ OUTCROP_RELAYS: JSON.stringify(relays) }) },
    });
  });

  test('the admin function manages accounts, reads the journal and adds to it, reads and erases conversations, and calls models for tests', () => {
    expect(allowed('Admin')).toEqual([
      'Allow bedrock:CountTokens on bedrock:*::foundation-model/*',
      'Allow bedrock:InvokeModel bedrock:InvokeModelWithResponseStream on ' +
        'application-inference-profile/*, inference-profile/*, bedrock:*::foundation-model/*',
      'Allow bedrock:Retrieve on knowledge-base/*',
      'Allow dynamodb:BatchGetItem dynamodb:BatchWriteItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem on AccountsTable',
      'Allow dynamodb:BatchGetItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem on ConversationsTable',
      'Allow dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query on JournalTable',
      'Allow dynamodb:Query on AccountsTable/index/byGroup, AccountsTable/index/byKind, AccountsTable/index/byUser, ' +
        'ConversationsTable/index/byMonth, ConversationsTable/index/byParent, JournalTable/index/byMonth',
      'Allow dynamodb:UpdateItem on JournalTable',
      log('Admin'),
      'Allow s3:DeleteObject s3:GetObject on Bodies/*',
    ]);
  });

  test('the authorizer looks keys up, and knows the master key', () => {
    expect(allowed('Authorizer')).toEqual([
      'Allow dynamodb:GetItem on AccountsTable',
      log('Authorizer'),
      'Allow secretsmanager:GetSecretValue on MasterKey',
    ]);
  });

  test('the authorizer is told who signs users in, where somebody does', () => {
    const environmentOf = (template: typeof gateway, description = /who is calling/) => {
      const authorizer = Object.values(resourcesOf(template, 'AWS::Lambda::Function')).find(({ Properties }) =>
        description.test(String(Properties.Description)),
      );
      return Object.keys((authorizer!.Properties.Environment as { Variables: object }).Variables);
    };
    expect(environmentOf(gateway).filter((name) => name.includes('OIDC'))).toEqual([]);
    const signed = templatesOf({ oidcIssuer: 'https://id.example', oidcAudience: 'a' }).gateway;
    const variables = expect.arrayContaining(['OUTCROP_OIDC_ISSUER', 'OUTCROP_OIDC_AUDIENCE']);
    expect(environmentOf(signed)).toEqual(variables);
    // Which tells a console where to sign in.
    expect(environmentOf(signed, /: the JSON APIs$/)).toEqual(variables);
  });

  test('no role of ours takes a managed policy', () => {
    for (const id of functionIds) expect(only('AWS::IAM::Role', `${id}Role`).Properties.ManagedPolicyArns).toBeUndefined();
  });
});

describe('the function URL', () => {
  test('streams, and leaves the question who is calling to the function', () => {
    gateway.resourceCountIs('AWS::Lambda::Url', 1);
    gateway.hasResourceProperties('AWS::Lambda::Url', { InvokeMode: 'RESPONSE_STREAM', AuthType: 'NONE' });
  });

  test('is the only way in for strangers: an invocation without it needs rights of its own', () => {
    const permissions = Object.values(resourcesOf(gateway, 'AWS::Lambda::Permission')).map(({ Properties }) => Properties);
    const toAnyone = permissions.filter(({ Principal }) => Principal === '*');
    expect(toAnyone.map(({ Action }) => Action).sort()).toEqual(['lambda:InvokeFunction', 'lambda:InvokeFunctionUrl']);
    for (const { Action, InvokedViaFunctionUrl, FunctionUrlAuthType } of toAnyone) {
      if (Action === 'lambda:InvokeFunction') expect(InvokedViaFunctionUrl).toBe(true);
      else expect(FunctionUrlAuthType).toBe('NONE');
    }
    for (const permission of permissions.filter(({ Principal }) => Principal !== '*')) {
      expect(permission).toMatchObject({
        Principal: expect.stringMatching(/^(apigateway|events)\.amazonaws\.com$/),
        SourceArn: expect.anything(),
      });
    }
  });

  test('is told to nobody: the outputs are the address of the gateway and the topic of thresholds', () => {
    expect(Object.keys(gateway.findOutputs('*')).sort()).toEqual(['AlertsTopic', 'Url']);
    gateway.hasOutput('Url', { Value: { 'Fn::Join': ['', ['https://', { 'Fn::GetAtt': [Match.anyValue(), 'DomainName'] }]] } });
  });
});

describe('the JSON APIs', () => {
  test('ask the authorizer on every route, and remember its answer per key and route for a minute at most', () => {
    gateway.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      AuthorizerType: 'REQUEST',
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
      IdentitySource: ['$request.header.Authorization', '$context.routeKey'],
      AuthorizerResultTtlInSeconds: 60,
    });
    const routes = Object.values(resourcesOf(gateway, 'AWS::ApiGatewayV2::Route')).map(({ Properties }) => Properties);
    const keys = [...['/admin', '/me', '/user', '/api'].map((prefix) => `ANY ${prefix}/{proxy+}`), 'ANY /me'];
    expect(routes.map(({ RouteKey }) => RouteKey)).toEqual(keys);
    for (const route of routes) expect(route).toMatchObject({ AuthorizationType: 'CUSTOM', AuthorizerId: expect.anything() });
  });

  test('log who asked for what, without a header or a query', () => {
    const [stage] = Object.values(resourcesOf(gateway, 'AWS::ApiGatewayV2::Stage'));
    const { Format } = stage!.Properties.AccessLogSettings as { Format: string };
    expect(JSON.parse(Format)).toMatchObject({ requestId: '$context.requestId', route: '$context.routeKey' });
    expect(Format).not.toMatch(/header|query|authorizer\.(?!error)/i);
  });
});

describe('CloudFront', () => {
  type Behavior = { PathPattern: string; TargetOriginId: string; FunctionAssociations?: unknown[] } & Record<string, unknown>;
  type Origin = { Id: string; OriginCustomHeaders?: { HeaderName: string; HeaderValue: unknown }[] } & Record<string, unknown>;
  const [distribution] = Object.values(resourcesOf(gateway, 'AWS::CloudFront::Distribution'));
  const config = distribution!.Properties.DistributionConfig as {
    CacheBehaviors: Behavior[];
    DefaultCacheBehavior: Behavior;
    Origins: Origin[];
    CustomErrorResponses?: unknown;
  };
  const originOf = ({ TargetOriginId }: Behavior) => config.Origins.find(({ Id }) => Id === TargetOriginId)!;
  const JSON_APIS = ['/admin/*', '/me/*', '/user/*', '/api/*', '/me'];
  const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
  const ALL_VIEWER_EXCEPT_HOST_HEADER = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

  test('keeps nothing of an API, squeezes nothing, and passes the whole request on', () => {
    const models = ['/v1/*', '/api/v1/*', '/api/providers/openai/v1/*', '/health', '/ready'];
    // The first that fits is taken, so the model API's names below /api come before /api.
    const paths = [...models, ...JSON_APIS];
    expect(config.CacheBehaviors.map(({ PathPattern }) => PathPattern)).toEqual(paths);
    for (const behavior of config.CacheBehaviors) {
      expect(behavior).toMatchObject({
        CachePolicyId: CACHING_DISABLED,
        OriginRequestPolicyId: ALL_VIEWER_EXCEPT_HOST_HEADER,
        Compress: false,
        ViewerProtocolPolicy: 'https-only',
        AllowedMethods: expect.arrayContaining(['GET', 'POST', 'PATCH', 'DELETE']),
      });
    }
  });

  test('never puts a page in the place of an error of an API', () => {
    expect(config.CustomErrorResponses).toBeUndefined();
  });

  test('shows the origin secret to the proxy, by reference, and to nobody else', () => {
    for (const behavior of config.CacheBehaviors) {
      const isModelApi = !JSON_APIS.includes(behavior.PathPattern);
      const headers = originOf(behavior).OriginCustomHeaders ?? [];
      expect(headers.map(({ HeaderName }) => HeaderName)).toEqual(isModelApi ? [ORIGIN_HEADER] : []);
      if (isModelApi) expect(JSON.stringify(headers[0]!.HeaderValue)).toContain('{{resolve:secretsmanager:');
    }
  });

  test('waits for a slow model as long as it may', () => {
    expect(originOf(config.CacheBehaviors[0]!)).toMatchObject({
      CustomOriginConfig: { OriginReadTimeout: 120, OriginProtocolPolicy: 'https-only' },
    });
  });

  test('makes a bearer token of x-api-key before the JSON APIs, and only there; says everywhere who is asking', () => {
    for (const { PathPattern, FunctionAssociations } of config.CacheBehaviors) {
      const name = JSON_APIS.includes(PathPattern) ? 'ApiKey' : 'Viewer';
      expect(FunctionAssociations).toEqual([
        { EventType: 'viewer-request', FunctionARN: { 'Fn::GetAtt': [expect.stringContaining(name), 'FunctionARN'] } },
      ]);
    }
  });

  test('reads the console bucket in its own name; nobody else can', () => {
    const origin = originOf(config.DefaultCacheBehavior);
    expect(origin).toMatchObject({ OriginAccessControlId: expect.anything() });
    gateway.hasResourceProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    expect(config.DefaultCacheBehavior).toMatchObject({
      ResponseHeadersPolicyId: expect.anything(),
      ViewerProtocolPolicy: 'redirect-to-https',
    });
  });
});

describe('logs', () => {
  test('every function writes to a log group of its own that forgets', () => {
    const groups = resourcesOf(gateway, 'AWS::Logs::LogGroup');
    for (const { Properties } of Object.values(groups)) expect(Properties.RetentionInDays).toBe(30);
    const targets = Object.values(resourcesOf(gateway, 'AWS::Lambda::Function')).map(
      ({ Properties }) => (Properties.LoggingConfig as { LogGroup: { Ref: string } } | undefined)?.LogGroup.Ref,
    );
    expect(new Set(targets).size).toBe(targets.length);
    for (const target of targets) expect(groups).toHaveProperty(target!);
  });

  test('stay when the gateway goes, unless everything is to go', () => {
    const policies = (template: typeof gateway) =>
      new Set(Object.values(resourcesOf(template, 'AWS::Logs::LogGroup')).map(({ DeletionPolicy }) => DeletionPolicy));
    expect(policies(gateway)).toEqual(new Set(['Retain']));
    expect(policies(ephemeral)).toEqual(new Set(['Delete']));
  });
});

test('the proxy takes as much of the account as it is allowed to', () => {
  const reservedOf = (template: typeof gateway) =>
    Object.entries(resourcesOf(template, 'AWS::Lambda::Function')).find(([id]) => id.startsWith('ApiProxy'))![1].Properties
      .ReservedConcurrentExecutions;
  expect(reservedOf(gateway)).toBeUndefined();
  expect(reservedOf(templatesOf({ proxyConcurrency: '50' }).gateway)).toBe(50);
});

/** The names in a resource of a policy, without hashes: `AccountsTable/index/byKind`. */
function nameOf(resource: unknown): string {
  if (Array.isArray(resource)) return resource.map(nameOf).join(', ');
  const text = JSON.stringify(resource);
  const [, name] =
    /(AccountsTable|JournalTable|ConversationsTable|Bodies|MasterKey|OriginSecret|(?:Proxy|Admin|Authorizer)Log)[0-9A-F]{8}/.exec(text) ??
    [];
  const [, tail = ''] = /((?:\/index\/\w+|\/\*))"/.exec(text) ?? [];
  const [, model] = /:(bedrock:\*::foundation-model\/\*|(?:application-)?inference-profile\/\*|knowledge-base\/\*)"/.exec(text) ?? [];
  return model ?? `${name ?? text}${tail}`;
}
