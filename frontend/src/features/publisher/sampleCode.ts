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

/** What the niche's JSON Schema says of a number. */
export interface NumberRange {
  minimum?: number;
  maximum?: number;
}

/** The ranges of the number fields of a niche's JSON Schema, by field name. */
export function numberRanges(schema: unknown): Record<string, NumberRange> {
  const properties = part(schema, 'properties');
  if (typeof properties !== 'object' || properties === null) return {};
  return Object.fromEntries(
    Object.entries(properties).map(([name, rules]) => {
      const range: NumberRange = {};
      const minimum = part(rules, 'minimum');
      const maximum = part(rules, 'maximum');
      if (typeof minimum === 'number') range.minimum = minimum;
      if (typeof maximum === 'number') range.maximum = maximum;
      return [name, range];
    }),
  );
}

function part(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Record<string, unknown>)[name];
}

/** A believable number: near the low end of a wide range, in the middle of a narrow one. */
function sampleNumber({ minimum = 0, maximum = 1000 }: NumberRange): number {
  if (minimum > 0 && maximum / minimum > 10) return Math.min(minimum * 20, maximum);
  return Math.floor(minimum + Math.min(maximum - minimum, 100) / 2);
}

function sampleValue(field: SampleField, range: NumberRange): unknown {
  const option = field.options[0];
  if (option) {
    return field.type === 'integer' || field.type === 'number'
      ? Number(option.value)
      : option.value;
  }
  switch (field.type) {
    case 'integer':
    case 'number':
      return sampleNumber(range);
    case 'boolean':
      return true;
    default:
      return BY_KIND[field.kind ?? ''] ?? 'text';
  }
}

const CONTACT_KINDS = ['name', 'phone', 'email'];

/** A body with the contact and whatever else the niche requires. */
export function sampleBody(fields: readonly SampleField[], schema: unknown, now: Date): unknown {
  const ranges = numberRanges(schema);
  const shown = fields.filter(
    (field) => field.required || CONTACT_KINDS.includes(field.kind ?? ''),
  );
  return {
    external_id: 'form-1042',
    fields: Object.fromEntries(
      shown.map((field) => [field.name, sampleValue(field, ranges[field.name] ?? {})]),
    ),
    consent: {
      text: 'I agree to be contacted about my request',
      at: now.toISOString().replace(/\.\d+Z$/, 'Z'),
      page: 'https://example.com/form',
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
