// The one address of everything: CloudFront in front of the model API, the JSON APIs and the console.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Duration, Fn, RemovalPolicy } from 'aws-cdk-lib';
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  type FunctionAssociation,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginRequestPolicy,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { FunctionUrlOrigin, HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import { type Api, JSON_API_PREFIXES, JSON_API_ROOTS } from './api.ts';
import { createLogGroup } from './gateway-function.ts';
import type { Settings } from './settings.ts';

/** The paths of the proxy. CloudFront takes the first that fits, and these come before those of the JSON APIs. */
const MODEL_PATHS = ['/v1/*', '/api/v1/*', '/api/providers/openai/v1/*', '/health', '/ready'];

/** What CloudFront shows the proxy as a proof that the request came through it. */
const ORIGIN_HEADER = 'x-outcrop-origin';

const CONSOLE_FOLDER = fileURLToPath(new URL('./placeholder', import.meta.url));
const EDGE_FOLDER = fileURLToPath(new URL('./edge', import.meta.url));

const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "img-src 'self' data: blob:",
  "style-src 'self' 'unsafe-inline'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

// Nothing of an API is kept or squeezed on the way: both would hold back the chunks of a stream. All of the viewer's request goes on
// but its Host, by which the origins know themselves. HTTP is refused and not redirected: a redirect comes after the key was sent.
const PASS_THROUGH = {
  allowedMethods: AllowedMethods.ALLOW_ALL,
  cachePolicy: CachePolicy.CACHING_DISABLED,
  originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
  viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
  compress: false,
} satisfies Partial<BehaviorOptions>;

export class Web extends Construct {
  /** The address of everything, with its scheme. */
  readonly url: string;

  constructor(scope: Construct, id: string, settings: Settings, api: Api) {
    super(scope, id);
    const bucket = this.createConsoleBucket();
    const distribution = new Distribution(this, 'Distribution', {
      comment: `Outcrop ${settings.stage}`,
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultRootObject: 'index.html',
      defaultBehavior: this.consoleBehavior(bucket),
      additionalBehaviors: { ...this.modelBehaviors(settings, api), ...this.jsonBehaviors(api) },
      // No errorResponses: they hold for every behaviour and would put a page in place of an API's error body.
    });
    this.deployConsole(settings, bucket);
    this.url = `https://${distribution.distributionDomainName}`;
  }

  private createConsoleBucket(): Bucket {
    return new Bucket(this, 'Console', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // Made from this repository at any time, so never worth keeping.
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  private consoleBehavior(bucket: Bucket): BehaviorOptions {
    return {
      origin: S3BucketOrigin.withOriginAccessControl(bucket),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      responseHeadersPolicy: new ResponseHeadersPolicy(this, 'SecurityHeaders', {
        comment: 'Outcrop: the console',
        securityHeadersBehavior: {
          contentSecurityPolicy: { contentSecurityPolicy: CONTENT_SECURITY_POLICY, override: true },
          contentTypeOptions: { override: true },
          frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
          referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
          strictTransportSecurity: { accessControlMaxAge: Duration.days(365), includeSubdomains: false, override: true },
        },
      }),
    };
  }

  private modelBehaviors(settings: Settings, api: Api): Record<string, BehaviorOptions> {
    const origin = new FunctionUrlOrigin(api.proxyUrl, {
      readTimeout: Duration.seconds(settings.originTimeoutSeconds),
      keepaliveTimeout: Duration.seconds(60),
      // A reference that CloudFormation resolves while deploying: the value is in no template.
      customHeaders: { [ORIGIN_HEADER]: api.originSecret.secretValue.unsafeUnwrap() },
    });
    const functionAssociations = this.edgeFunction('Viewer', 'viewer.js', 'Outcrop: who is asking');
    return Object.fromEntries(MODEL_PATHS.map((path) => [path, { ...PASS_THROUGH, origin, functionAssociations }]));
  }

  private jsonBehaviors(api: Api): Record<string, BehaviorOptions> {
    const origin = new HttpOrigin(Fn.select(2, Fn.split('/', api.jsonApi.apiEndpoint)));
    const functionAssociations = this.edgeFunction('ApiKey', 'api-key.js', 'Outcrop: x-api-key becomes a bearer token');
    const paths = [...JSON_API_PREFIXES.map((prefix) => `${prefix}/*`), ...JSON_API_ROOTS];
    return Object.fromEntries(paths.map((path) => [path, { ...PASS_THROUGH, origin, functionAssociations }]));
  }

  private edgeFunction(id: string, file: string, comment: string): FunctionAssociation[] {
    const code = FunctionCode.fromFile({ filePath: join(EDGE_FOLDER, file) });
    const edge = new EdgeFunction(this, id, { comment, code, runtime: FunctionRuntime.JS_2_0 });
    return [{ function: edge, eventType: FunctionEventType.VIEWER_REQUEST }];
  }

  /** CDK's own deployment brings a Python function that runs only while deploying; it is proven, and it empties the bucket when it goes. */
  private deployConsole(settings: Settings, bucket: Bucket): void {
    new BucketDeployment(this, 'ConsoleFiles', {
      sources: [Source.asset(CONSOLE_FOLDER)],
      destinationBucket: bucket,
      // CloudFront asks the bucket again for such a file, so that nothing has to be invalidated.
      cacheControl: [CacheControl.noCache()],
      retainOnDelete: false,
      logGroup: createLogGroup(this, 'ConsoleFilesLog', settings),
    });
  }
}
