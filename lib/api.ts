// The three functions and their two doors: a streaming function URL for the model API, an HTTP API for the JSON APIs.
import { Duration } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { type FunctionUrl, FunctionUrlAuthType, InvokeMode, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ADMIN_VARIABLES, AUTHORIZER_VARIABLES, EnvironmentOf, PROXY_VARIABLES } from '../functions/core/platform/environment.ts';
import { TABLE_VARIABLE } from '../functions/core/store/schema.ts';
import type { DataStack } from './data-stack.ts';
import { createLogGroup, GatewayFunction } from './gateway-function.ts';
import { allowAdmin, allowAuthorizer, allowDeferring, allowProxy } from './permissions.ts';
import { relaySecretsOf, type Settings } from './settings.ts';

/** The path prefixes of the JSON APIs. CloudFront sends them to the HTTP API, which has one route for each. */
export const JSON_API_PREFIXES = ['/admin', '/me', '/user', '/api'];
/** Of these the bare path is one of theirs too. */
export const JSON_API_ROOTS = ['/me'];

export class Api extends Construct {
  readonly proxyUrl: FunctionUrl;
  readonly originSecret: Secret;
  readonly jsonApi: HttpApi;

  constructor(scope: Construct, id: string, settings: Settings, data: DataStack, deferred: Queue | undefined) {
    super(scope, id);
    this.originSecret = new Secret(this, 'OriginSecret', {
      description: 'What CloudFront shows the proxy of Outcrop to prove that a request came through it',
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
    });
    this.proxyUrl = this.createProxy(settings, data, deferred);
    this.jsonApi = this.createJsonApi(settings, this.createAdmin(settings, data), this.createAuthorizer(settings, data));
  }

  private createProxy(settings: Settings, data: DataStack, deferred: Queue | undefined): FunctionUrl {
    const environment: EnvironmentOf<typeof PROXY_VARIABLES> & Record<string, string> = {
      ...tableNamesOf(data, ['accounts', 'journal', 'conversations']),
      BODIES_BUCKET: data.bodies.bucketName,
      LOGGING: settings.logging,
      ORIGIN_SECRET_ARN: this.originSecret.secretArn,
      OUTCROP_STRICT: onOrOff(settings.isStrict),
      OUTCROP_PROMPT_CACHING: settings.promptCaching,
      OUTCROP_SEND_USER: onOrOff(settings.sendsUser),
      OUTCROP_FETCH_MEDIA: onOrOff(settings.fetchesMedia),
      OUTCROP_RELAYS: settings.relays,
      OUTCROP_GRACE_SECONDS: String(settings.graceSeconds),
      DEFERRED_QUEUE_URL: deferred?.queueUrl ?? 'none',
      OUTCROP_RAW_IDS: settings.allowsRawIds ? 'on' : 'off',
      ...settings.features,
    };
    const proxy = new GatewayFunction(this, 'Proxy', {
      folder: 'proxy',
      description: 'Outcrop: the model API',
      timeout: Duration.minutes(15),
      environment,
      settings,
      reservedConcurrentExecutions: settings.proxyConcurrency ?? undefined,
    });
    allowProxy(proxy, data.tables, data.bodies, this.originSecret, relaySecretsOf(settings));
    if (deferred) allowDeferring(proxy, deferred);
    // The URL is open and the function asks for the origin secret itself. IAM in front would take the Authorization header for its own
    // signature, and make every client hash its body: no OpenAI client could call it.
    return proxy.addFunctionUrl({ authType: FunctionUrlAuthType.NONE, invokeMode: InvokeMode.RESPONSE_STREAM });
  }

  private createAdmin(settings: Settings, data: DataStack): LambdaFunction {
    const environment: EnvironmentOf<typeof ADMIN_VARIABLES> & Record<string, string> = {
      ...tableNamesOf(data, ['accounts', 'journal', 'conversations']),
      BODIES_BUCKET: data.bodies.bucketName,
      LOGGING: settings.logging,
      ...settings.features,
      ...settings.rate,
      // It tells the console where to sign in.
      ...settings.oidc,
    };
    const admin = new GatewayFunction(this, 'Admin', {
      folder: 'admin',
      description: 'Outcrop: the JSON APIs',
      // API Gateway gives up after 30 s.
      timeout: Duration.seconds(29),
      environment,
      settings,
    });
    allowAdmin(admin, data.tables, data.bodies);
    return admin;
  }

  private createAuthorizer(settings: Settings, data: DataStack): LambdaFunction {
    const environment: EnvironmentOf<typeof AUTHORIZER_VARIABLES> & Record<string, string> = {
      ...tableNamesOf(data, ['accounts']),
      MASTER_KEY_SECRET_ARN: data.masterKey.secretArn,
      ...settings.oidc,
    };
    const authorizer = new GatewayFunction(this, 'Authorizer', {
      folder: 'authorizer',
      description: 'Outcrop: who is calling the JSON APIs',
      timeout: Duration.seconds(10),
      environment,
      settings,
    });
    allowAuthorizer(authorizer, data.tables, data.masterKey);
    return authorizer;
  }

  private createJsonApi(settings: Settings, admin: LambdaFunction, authorizer: LambdaFunction): HttpApi {
    const api = new HttpApi(this, 'JsonApi', { description: 'Outcrop: the JSON APIs', createDefaultStage: false });
    new HttpStage(this, 'JsonApiStage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: 500, burstLimit: 500 },
      accessLogSettings: { destination: new LogGroupLogDestination(createLogGroup(this, 'JsonApiLog', settings)), format: ACCESS_LOG },
    });
    const routes = { integration: new HttpLambdaIntegration('Admin', admin), authorizer: lambdaAuthorizer(settings, authorizer) };
    const paths = [...JSON_API_PREFIXES.map((prefix) => `${prefix}/{proxy+}`), ...JSON_API_ROOTS];
    for (const path of paths) api.addRoutes({ path, methods: [HttpMethod.ANY], ...routes });
    return api;
  }
}

/**
 * A request without every identity source is refused with 401 and no function runs, so only `Authorization` is one: CloudFront has put the
 * key of `x-api-key` there by then, or a word that says there is none (edge/api-key.js). Law: the answer is remembered by these sources, so the authorizer may look at nothing
 * else to find out who is calling. The route is the other source, because a remembered answer would hold for every route without it, and
 * who may pass can differ between routes.
 */
function lambdaAuthorizer(settings: Settings, authorizer: LambdaFunction): HttpLambdaAuthorizer {
  return new HttpLambdaAuthorizer('Authorizer', authorizer, {
    responseTypes: [HttpLambdaResponseType.SIMPLE],
    identitySource: ['$request.header.Authorization', '$context.routeKey'],
    resultsCacheTtl: Duration.seconds(settings.authorizerCacheSeconds),
  });
}

/** Who asked for what and how it went; no header, no query and no path, where keys could be. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    at: '$context.requestTimeEpoch',
    ip: '$context.identity.sourceIp',
    method: '$context.httpMethod',
    route: '$context.routeKey',
    status: '$context.status',
    latencyMs: '$context.responseLatency',
    authorizerError: '$context.authorizer.error',
    error: '$context.error.message',
  }),
);

function onOrOff(isOn: boolean): string {
  return isOn ? 'on' : 'off';
}

function tableNamesOf<Name extends keyof typeof TABLE_VARIABLE>(data: DataStack, names: Name[]) {
  const entries = names.map((name) => [TABLE_VARIABLE[name], data.tables[name].tableName]);
  return Object.fromEntries(entries) as Record<(typeof TABLE_VARIABLE)[Name], string>;
}
