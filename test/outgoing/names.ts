/** Names, what they lead to, and what must come of a request to them. `:P` is the port of a listener on loopback. */

/**
 * What the name servers answer: each entry is one answer to one question, and the last one stays. `=name` is a CNAME.
 * A private answer among public ones is what a rebinding attack sends.
 */
export const ZONE: Readonly<Record<string, readonly (readonly string[])[]>> = {
  localhost: [['127.0.0.1']],
  'vendor.localhost': [['127.0.0.1']],
  'a.b.localhost': [['::1']],
  'api.pagerduty.com': [['52.88.1.1']],
  'both.example': [['2606:4700::1111', '93.184.215.14']],
  'nat64.example': [['64:ff9b::808:808']],
  'alias.example': [['=api.pagerduty.com']],
  'loopback.example': [['127.0.0.1']],
  'loopback6.example': [['::1']],
  'nowhere.example': [['0.0.0.0']],
  'ten.example': [['10.0.0.7']],
  'lan.example': [['192.168.1.7']],
  'shared.example': [['100.64.0.7']],
  'ula.example': [['fd00::7']],
  'mapped.example': [['::ffff:127.0.0.1']],
  'mapped-hex.example': [['::ffff:7f00:1']],
  'mapped-long.example': [['0:0:0:0:0:ffff:7f00:1']],
  'mapped-padded.example': [['0000:0000:0000:0000:0000:ffff:7f00:0001']],
  'compatible.example': [['::127.0.0.1']],
  'translated.example': [['::ffff:0:127.0.0.1']],
  'six-to-four.example': [['2002:7f00:1::1']],
  'teredo.example': [['2001:0:4136:e378:8000:63bf:80ff:fffe']],
  'nat64-inside.example': [['64:ff9b::a00:1']],
  'zone.example': [['fe80::1%lo']],
  'imds.example': [['169.254.169.254']],
  'imds6.example': [['fd00:ec2::254']],
  'imds-mapped.example': [['::ffff:169.254.169.254']],
  'imds-nat64.example': [['64:ff9b::a9fe:a9fe']],
  'azure.example': [['168.63.129.16']],
  'alibaba.example': [['100.100.100.200']],
  'metadata.google.internal': [['169.254.169.254']],
  'mixed.example': [['93.184.215.14', '127.0.0.1']],
  'mixed-first.example': [['10.0.0.7', '93.184.215.14']],
  'mixed-families.example': [['93.184.215.14', '::1']],
  'hidden.example': [['93.184.215.14', '93.184.215.15', '::ffff:a00:1', '93.184.215.16']],
  'rebinding.example': [['93.184.215.14'], ['127.0.0.1']],
  'cname.example': [['=loopback.example']],
  'cnames.example': [['=cname.example']],
  'cname-mixed.example': [['93.184.215.14', '=ten.example']],
  'pager.internal': [['127.0.0.1']],
  'broken.example': [['not an address']],
  'empty.example': [[]],
  // Names in another alphabet are asked for as the name servers know them.
  'xn--mnchen-3ya.example': [['127.0.0.1']],
};

export interface NameCase {
  readonly url: string;
  /** How each of its requests ends, one after another. */
  readonly sent: readonly ('nowhere' | 'no such name' | { readonly to: string })[];
}

const NOWHERE = ['nowhere'] as const;

/** `check` asks no name server, so it is fine with all of these; the request is refused where the name leads inside. */
export const NAMES: readonly NameCase[] = [
  { url: 'https://api.pagerduty.com/incidents', sent: [{ to: '52.88.1.1:443' }] },
  { url: 'https://API.PagerDuty.com/', sent: [{ to: '52.88.1.1:443' }] },
  { url: 'https://api.pagerduty.com./', sent: [{ to: '52.88.1.1:443' }] },
  { url: 'https://api.pagerduty.com:8443/', sent: [{ to: '52.88.1.1:8443' }] },
  { url: 'https://ａｐｉ.pagerduty.com/', sent: [{ to: '52.88.1.1:443' }] },
  { url: 'https://api%2Epagerduty.com/', sent: [{ to: '52.88.1.1:443' }] },
  { url: 'https://both.example/', sent: [{ to: '2606:4700::1111:443' }] },
  { url: 'https://nat64.example/', sent: [{ to: '64:ff9b::808:808:443' }] },
  { url: 'https://alias.example/', sent: [{ to: '52.88.1.1:443' }] },
  { url: 'http://loopback.example:P/', sent: NOWHERE },
  { url: 'http://LOOPBACK.example:P/', sent: NOWHERE },
  { url: 'http://loopback.example.:P/', sent: NOWHERE },
  { url: 'https://loopback.example:P/', sent: NOWHERE },
  { url: 'http://loopback6.example:P/', sent: NOWHERE },
  { url: 'http://nowhere.example:P/', sent: NOWHERE },
  { url: 'http://ten.example:P/', sent: NOWHERE },
  { url: 'http://lan.example:P/', sent: NOWHERE },
  { url: 'http://shared.example:P/', sent: NOWHERE },
  { url: 'http://ula.example:P/', sent: NOWHERE },
  { url: 'http://mapped.example:P/', sent: NOWHERE },
  { url: 'http://mapped-hex.example:P/', sent: NOWHERE },
  { url: 'http://mapped-long.example:P/', sent: NOWHERE },
  { url: 'http://mapped-padded.example:P/', sent: NOWHERE },
  { url: 'http://compatible.example:P/', sent: NOWHERE },
  { url: 'http://translated.example:P/', sent: NOWHERE },
  { url: 'http://six-to-four.example:P/', sent: NOWHERE },
  { url: 'http://teredo.example:P/', sent: NOWHERE },
  { url: 'http://nat64-inside.example:P/', sent: NOWHERE },
  { url: 'http://zone.example:P/', sent: NOWHERE },
  { url: 'http://imds.example/', sent: NOWHERE },
  { url: 'http://imds6.example/', sent: NOWHERE },
  { url: 'http://imds-mapped.example/', sent: NOWHERE },
  { url: 'http://imds-nat64.example/', sent: NOWHERE },
  { url: 'http://azure.example/', sent: NOWHERE },
  { url: 'http://alibaba.example/', sent: NOWHERE },
  { url: 'http://mixed.example:P/', sent: NOWHERE },
  { url: 'http://mixed-first.example:P/', sent: NOWHERE },
  { url: 'http://mixed-families.example:P/', sent: NOWHERE },
  { url: 'http://hidden.example:P/', sent: NOWHERE },
  { url: 'http://rebinding.example:P/', sent: [{ to: '93.184.215.14:P' }, 'nowhere', 'nowhere'] },
  { url: 'http://cname.example:P/', sent: NOWHERE },
  { url: 'http://cnames.example:P/', sent: NOWHERE },
  { url: 'http://cname-mixed.example:P/', sent: NOWHERE },
  { url: 'http://pager.internal:P/', sent: NOWHERE },
  { url: 'http://münchen.example:P/', sent: NOWHERE },
  { url: 'http://m%C3%BCnchen.example:P/', sent: NOWHERE },
  { url: 'http://broken.example:P/', sent: NOWHERE },
  { url: 'http://empty.example:P/', sent: ['no such name'] },
  { url: 'http://unix:/var/run/docker.sock:/info', sent: ['no such name'] },
  { url: 'http://unknown.example:P/', sent: ['no such name'] },
];

export interface AllowedCase {
  /** As somebody writes them into `server.allow_private_hosts`. */
  readonly hosts: readonly string[];
  readonly url: string;
  readonly check: 'fine' | 'private' | 'metadata';
  /** `listener`: it reaches the one on loopback. */
  readonly sent: 'listener' | 'nowhere' | { readonly to: string };
}

/** An entry allows exactly its host, however either is spelt, and no name leads to credentials of a cloud. */
export const ALLOWED: readonly AllowedCase[] = [
  { hosts: ['127.0.0.1'], url: 'http://127.0.0.1:P/', check: 'fine', sent: 'listener' },
  { hosts: ['127.0.0.1'], url: 'http://0x7f.1:P/', check: 'fine', sent: 'listener' },
  { hosts: ['0x7f.1'], url: 'http://127.0.0.1:P/', check: 'fine', sent: 'listener' },
  { hosts: ['127.0.0.1'], url: 'http://127.0.0.2:P/', check: 'private', sent: 'nowhere' },
  { hosts: ['127.0.0.1'], url: 'http://[::1]:P/', check: 'private', sent: 'nowhere' },
  { hosts: ['127.0.0.1'], url: 'http://[::ffff:127.0.0.1]:P/', check: 'private', sent: 'nowhere' },
  { hosts: ['127.0.0.1'], url: 'http://localhost:P/', check: 'private', sent: 'nowhere' },
  { hosts: ['127.0.0.1'], url: 'http://loopback.example:P/', check: 'fine', sent: 'nowhere' },
  { hosts: ['localhost'], url: 'http://127.0.0.1:P/', check: 'private', sent: 'nowhere' },
  { hosts: ['::1'], url: 'http://127.0.0.1:P/', check: 'private', sent: 'nowhere' },
  { hosts: ['[::1]'], url: 'http://[0:0::1]:P/', check: 'fine', sent: 'listener' },
  { hosts: ['pager.internal'], url: 'http://pager.internal:P/', check: 'fine', sent: 'listener' },
  { hosts: ['Pager.Internal.'], url: 'http://PAGER.internal:P/', check: 'fine', sent: 'listener' },
  { hosts: ['pager.internal'], url: 'http://pager.internal.:P/', check: 'fine', sent: 'listener' },
  { hosts: ['pager.internal'], url: 'http://cname.example:P/', check: 'fine', sent: 'nowhere' },
  { hosts: ['internal'], url: 'http://pager.internal:P/', check: 'fine', sent: 'nowhere' },
  { hosts: ['a.pager.internal'], url: 'http://pager.internal:P/', check: 'fine', sent: 'nowhere' },
  { hosts: ['pager.internal'], url: 'http://ten.example:P/', check: 'fine', sent: 'nowhere' },
  {
    hosts: ['pager.internal'],
    url: 'https://8.8.8.8/',
    check: 'fine',
    sent: { to: '8.8.8.8:443' },
  },
  { hosts: ['münchen.example'], url: 'http://münchen.example:P/', check: 'fine', sent: 'listener' },
  { hosts: ['imds.example'], url: 'http://imds.example/', check: 'fine', sent: 'nowhere' },
  { hosts: ['imds6.example'], url: 'http://imds6.example/', check: 'fine', sent: 'nowhere' },
  {
    hosts: ['imds-mapped.example'],
    url: 'http://imds-mapped.example/',
    check: 'fine',
    sent: 'nowhere',
  },
  {
    hosts: ['imds-nat64.example'],
    url: 'http://imds-nat64.example/',
    check: 'fine',
    sent: 'nowhere',
  },
  { hosts: ['azure.example'], url: 'http://azure.example/', check: 'fine', sent: 'nowhere' },
  { hosts: ['alibaba.example'], url: 'http://alibaba.example/', check: 'fine', sent: 'nowhere' },
  {
    hosts: ['metadata.google.internal'],
    url: 'http://metadata.google.internal/',
    check: 'metadata',
    sent: 'nowhere',
  },
  {
    hosts: ['imds.example', '169.254.169.254'],
    url: 'http://imds.example/',
    check: 'fine',
    sent: 'nowhere',
  },
  {
    hosts: ['169.254.169.254'],
    url: 'http://169.254.169.254/',
    check: 'fine',
    sent: { to: '169.254.169.254:80' },
  },
  {
    hosts: ['169.254.169.254'],
    url: 'http://2852039166/',
    check: 'fine',
    sent: { to: '169.254.169.254:80' },
  },
  { hosts: ['169.254.169.254'], url: 'http://169.254.170.2/', check: 'metadata', sent: 'nowhere' },
  {
    hosts: ['169.254.169.254'],
    url: 'http://[::ffff:169.254.169.254]/',
    check: 'metadata',
    sent: 'nowhere',
  },
];
