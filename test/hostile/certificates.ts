import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Credentials = { readonly key: string; readonly cert: string };

/** Certificates for 127.0.0.1, each wrong in its own way but `good`, and the authority that `good` and most others go back to. */
export type Certificates = {
  readonly authority: string;
  readonly good: Credentials;
  readonly expired: Credentials;
  readonly early: Credentials;
  readonly wrongName: Credentials;
  readonly manyNames: Credentials;
  readonly selfSigned: Credentials;
  readonly stranger: Credentials;
};

const run = (folder: string, args: readonly string[]): void => {
  try {
    execFileSync('openssl', [...args], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw missing
      ? new Error('the openssl command is needed to make certificates: install Debian\'s "openssl"')
      : error;
  }
};

const names = 'DNS:localhost,IP:127.0.0.1';
const keyed = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** `openssl ca` alone takes any dates in all versions that are about. */
const authorityConfig = (name: string): string => `
[ca]
default_ca = it
[it]
database = ${name}.index
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
certificate = ${name}.crt
private_key = ${name}.key
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
`;

const makeAuthority = (folder: string, name: string): string => {
  writeFileSync(join(folder, `${name}.cnf`), authorityConfig(name));
  writeFileSync(join(folder, `${name}.index`), '');
  const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`];
  run(folder, ['req', '-x509', ...keyed, '-days', '30', '-subj', `/CN=${name}`, ...files]);
  return readFileSync(join(folder, `${name}.crt`), 'utf8');
};

const read = (folder: string, name: string): Credentials => ({
  key: readFileSync(join(folder, `${name}.key`), 'utf8'),
  cert: readFileSync(join(folder, `${name}.crt`), 'utf8'),
});

/** UTC as `openssl ca` wants it: YYYYMMDDHHMMSSZ. */
const dayFromNow = (days: number): string =>
  `${new Date(Date.now() + days * 86_400_000)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '')}`;

type Leaf = {
  readonly authority: string;
  readonly name: string;
  readonly altNames?: string;
  readonly days?: readonly [number, number];
};

const makeLeaf = (folder: string, { authority, name, altNames = names, days = [-2, 30] }: Leaf): Credentials => {
  const extension = ['-addext', `subjectAltName=${altNames}`];
  run(folder, [
    'req',
    '-new',
    ...keyed,
    '-subj',
    `/CN=${name}`,
    ...extension,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
  ]);
  const dates = ['-startdate', dayFromNow(days[0]), '-enddate', dayFromNow(days[1])];
  run(folder, [
    'ca',
    '-batch',
    '-notext',
    '-config',
    `${authority}.cnf`,
    ...dates,
    '-in',
    `${name}.csr`,
    '-out',
    `${name}.crt`,
  ]);
  return read(folder, name);
};

const makeSelfSigned = (folder: string, name: string): Credentials => {
  const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`];
  run(folder, [
    'req',
    '-x509',
    ...keyed,
    '-days',
    '30',
    '-subj',
    `/CN=${name}`,
    '-addext',
    `subjectAltName=${names}`,
    ...files,
  ]);
  return read(folder, name);
};

/** Makes them all, in a folder that is gone afterwards. */
export const makeCertificates = (): Certificates => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-hostile-'));
  try {
    const authority = makeAuthority(folder, 'authority');
    makeAuthority(folder, 'unknown');
    const leaf = (name: string, rest: Partial<Leaf> = {}) =>
      makeLeaf(folder, { authority: 'authority', name, ...rest });
    return {
      authority,
      good: leaf('good'),
      expired: leaf('expired', { days: [-30, -1] }),
      early: leaf('early', { days: [1, 30] }),
      wrongName: leaf('wrong-name', { altNames: 'DNS:other.example' }),
      manyNames: leaf('many-names', {
        altNames: Array.from({ length: 1_000 }, (_, n) => `DNS:host-${n}.example`).join(','),
      }),
      selfSigned: makeSelfSigned(folder, 'self-signed'),
      stranger: leaf('stranger', { authority: 'unknown' }),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
