// What cdk-nag's AwsSolutions rules find in the stacks and we keep, each with the reason. The test fails for a finding that is not here and
// for a line here that is no finding any more.
export type Acknowledged = { rule: string; path: string; reason: string };

const CONSOLE_FILES = 'Gateway/Custom::CDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C';
const ASSETS = 'arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>';
const PROFILES = 'arn:<AWS::Partition>:bedrock:<AWS::Region>:<AWS::AccountId>';

const EVERY_MODEL = [
  'IAM5[Resource::arn:<AWS::Partition>:bedrock:*::foundation-model/*]',
  `IAM5[Resource::${PROFILES}:inference-profile/*]`,
  `IAM5[Resource::${PROFILES}:application-inference-profile/*]`,
  'IAM5[Resource::arn:<AWS::Partition>:bedrock:*:<AWS::AccountId>:knowledge-base/*]',
];
const BODIES = 'Outcrop-prod-Data:ExportsOutputFnGetAttBodies3FF2AA63ArnC3365D50/*';

const every = (path: string, reason: string, rules: string[]): Acknowledged[] => rules.map((rule) => ({ rule, path, reason }));

export const ACKNOWLEDGED: Acknowledged[] = [
  {
    rule: 'SMG4',
    path: 'Data/MasterKey/Resource',
    reason: 'Only people and scripts know the master key. A rotation they do not expect would lock them out; they change it themselves.',
  },
  {
    rule: 'SMG4',
    path: 'Gateway/Api/OriginSecret/Resource',
    reason:
      'CloudFront takes the value at deployment only, so a rotation has to be a deployment too. The proxy accepts both values meanwhile.',
  },
  {
    rule: 'S1',
    path: 'Data/Bodies/Resource',
    reason: 'Only the functions reach the bucket, through the API, which logs who asked; a log of S3 would need a second bucket.',
  },
  ...every('Gateway/Api/AdminRole/DefaultPolicy/Resource', 'Every text that was logged may be read and erased.', [
    `IAM5[Resource::${BODIES}]`,
  ]),
  ...every('Gateway/Api/ProxyRole/DefaultPolicy/Resource', 'A text may be logged under any id.', [`IAM5[Resource::${BODIES}]`]),
  ...every('Gateway/Upkeep/SweeperRole/DefaultPolicy/Resource', 'A text of any key that was deleted is erased.', [
    `IAM5[Resource::${BODIES}]`,
  ]),
  ...every(
    'Gateway/Api/ProxyRole/DefaultPolicy/Resource',
    'The gateway is for every model; the catalog and each key say which are used.',
    EVERY_MODEL,
  ),
  ...every('Gateway/Api/AdminRole/DefaultPolicy/Resource', 'An administrator may try any model out.', EVERY_MODEL),
  {
    rule: 'SQS3',
    path: 'Gateway/Upkeep/GivenUp/Resource',
    reason: 'It is the dead-letter queue itself.',
  },
  {
    rule: 'S1',
    path: 'Gateway/Web/Console/Resource',
    reason: 'The bucket holds public files of the console and is read by CloudFront alone.',
  },
  ...every(
    'Gateway/Web/Distribution/Resource',
    'The distribution has its own CloudFront name, and TLS settings need a certificate of yours.',
    ['CFR4'],
  ),
  ...every(
    'Gateway/Web/Distribution/Resource',
    'The journal and the access log of the JSON APIs tell who did what; a third log costs storage.',
    ['CFR3'],
  ),
  ...every(
    'Gateway/Web/Distribution/Resource',
    'Where callers may be and what a firewall may cost is for the owner of the account to say.',
    ['CFR1', 'CFR2'],
  ),
  ...every(`${CONSOLE_FILES}/ServiceRole/Resource`, "CDK's own function that fills the bucket; it runs only during a deployment.", [
    'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
  ]),
  ...every(
    `${CONSOLE_FILES}/ServiceRole/DefaultPolicy/Resource`,
    "CDK's own function: reads deployment assets, writes the console bucket.",
    [
      'IAM5[Action::s3:GetBucket*]',
      'IAM5[Action::s3:GetObject*]',
      'IAM5[Action::s3:List*]',
      'IAM5[Action::s3:Abort*]',
      'IAM5[Action::s3:DeleteObject*]',
      `IAM5[Resource::${ASSETS}/*]`,
      'IAM5[Resource::<WebConsole5C9CFFDC.Arn>/*]',
    ],
  ),
  { rule: 'L1', path: `${CONSOLE_FILES}/Resource`, reason: "CDK's own function chooses its Python." },
];
