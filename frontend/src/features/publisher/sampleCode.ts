/** Sample code that posts one lead to `POST /v1/leads`, in the languages that publishers use. */

export const SAMPLE_LANGUAGES = ['curl', 'javascript', 'python', 'php'] as const;
export type SampleLanguage = (typeof SAMPLE_LANGUAGES)[number];

export const SAMPLE_TITLES: Record<SampleLanguage, string> = {
  curl: 'curl',
  javascript: 'JavaScript',
  python: 'Python',
  php: 'PHP',
};

export interface SampleField {
  name: string;
  type: string;
  kind: string | null;
  required: boolean;
  options: readonly { value: string }[];
}

export interface SampleInput {
  /** Where the exchange answers, like `https://exchange.example`. */
  origin: string;
  /** The posting key, or what stands for it. */
  key: string;
  body: unknown;
}

const BY_KIND: Record<string, string> = {
  phone: '+7 916 123-45-67',
  email: 'anna@example.com',
  name: 'Anna Petrova',
  region: 'RU-MOW',
  postal_code: '101000',
  ip: '203.0.113.7',
  url: 'https://example.com/form',
  date: '2026-01-31',
};

function sampleValue(field: SampleField): unknown {
  const option = field.options[0];
  if (option) {
    return field.type === 'integer' || field.type === 'number'
      ? Number(option.value)
      : option.value;
  }
  switch (field.type) {
    case 'integer':
    case 'number':
      return 100000;
    case 'boolean':
      return true;
    default:
      return BY_KIND[field.kind ?? ''] ?? 'text';
  }
}

/** A body with the fields that the niche requires, and with a phone in any case. */
export function sampleBody(fields: readonly SampleField[], now: Date): unknown {
  const shown = fields.filter((field) => field.required || field.kind === 'phone');
  return {
    external_id: 'form-1042',
    fields: Object.fromEntries(shown.map((field) => [field.name, sampleValue(field)])),
    consent: {
      text: 'I agree to be contacted about my request',
      given_at: now.toISOString().replace(/\.\d+Z$/, 'Z'),
      page_url: 'https://example.com/form',
    },
  };
}

function indent(text: string, by: string): string {
  return text.split('\n').join(`\n${by}`);
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** JSON as a Python literal: the three words differ, texts do not. */
function python(value: unknown, pad = ''): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value !== 'object') return JSON.stringify(value);
  const inner = `${pad}    `;
  const lines = Object.entries(value).map(
    ([name, each]) => `${inner}${JSON.stringify(name)}: ${python(each, inner)},`,
  );
  return `{\n${lines.join('\n')}\n${pad}}`;
}

function phpText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function php(value: unknown, pad = ''): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return phpText(value);
  if (typeof value !== 'object') return JSON.stringify(value);
  const inner = `${pad}    `;
  const lines = Object.entries(value).map(
    ([name, each]) => `${inner}${phpText(name)} => ${php(each, inner)},`,
  );
  return `[\n${lines.join('\n')}\n${pad}]`;
}

/** The program, ready to paste. */
export function sampleCode(language: SampleLanguage, { origin, key, body }: SampleInput): string {
  const url = `${origin}/v1/leads`;
  const json = JSON.stringify(body, null, 2);
  switch (language) {
    case 'curl':
      return [
        `curl -sS ${shellQuote(url)} \\`,
        `  -H ${shellQuote(`Authorization: Bearer ${key}`)} \\`,
        `  -H 'Content-Type: application/json' \\`,
        `  -H "Idempotency-Key: $(uuidgen)" \\`,
        `  -d ${shellQuote(json)}`,
      ].join('\n');
    case 'javascript':
      return `// Call it from your server: the key must not reach browsers.
const response = await fetch(${JSON.stringify(url)}, {
  method: 'POST',
  headers: {
    Authorization: ${JSON.stringify(`Bearer ${key}`)},
    'Content-Type': 'application/json',
    'Idempotency-Key': crypto.randomUUID(),
  },
  body: JSON.stringify(${indent(json, '  ')}),
});
const verdict = await response.json();
console.log(response.status, verdict);`;
    case 'python':
      return `import json
import urllib.request
import uuid

lead = ${python(body)}
request = urllib.request.Request(
    ${JSON.stringify(url)},
    data=json.dumps(lead).encode(),
    headers={
        "Authorization": ${JSON.stringify(`Bearer ${key}`)},
        "Content-Type": "application/json",
        "Idempotency-Key": str(uuid.uuid4()),
    },
)
with urllib.request.urlopen(request) as response:
    print(response.status, json.load(response))`;
    case 'php':
      return `<?php
$lead = ${php(body)};
$request = curl_init(${phpText(url)});
curl_setopt_array($request, [
    CURLOPT_POST => true,
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_HTTPHEADER => [
        ${phpText(`Authorization: Bearer ${key}`)},
        'Content-Type: application/json',
        'Idempotency-Key: ' . bin2hex(random_bytes(16)),
    ],
    CURLOPT_POSTFIELDS => json_encode($lead, JSON_UNESCAPED_UNICODE),
]);
$verdict = json_decode(curl_exec($request), true);
echo curl_getinfo($request, CURLINFO_HTTP_CODE), ' ', json_encode($verdict), PHP_EOL;`;
  }
}
