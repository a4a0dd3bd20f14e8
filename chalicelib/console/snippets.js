// A request as something to paste; it prints the answer, an error too.

import { asciiJson } from "./json-text.js";

export const SNIPPETS = { curl, Python: python, TypeScript: typescript };

/** By the stage's AUTH: the header that authorizes, and the environment variable with its value. */
const HEADERS = {
  cognito: ["Authorization", "ID_TOKEN"],
  "api-key": ["x-api-key", "API_KEY"],
};

const isSigned = (stage) => stage.auth === "iam";

function curl(body, stage, caller) {
  const lines = [`curl -s ${quoted(stage.url)}`, "-H 'Content-Type: application/json'"];
  if (isSigned(stage)) {
    lines.push(
      `--aws-sigv4 'aws:amz:${stage.region}:execute-api'`,
      '--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"',
      '-H "x-amz-security-token: $AWS_SESSION_TOKEN"',
    );
  }
  if (HEADERS[stage.auth]) lines.push(`-H "${HEADERS[stage.auth][0]}: $${HEADERS[stage.auth][1]}"`);
  if (caller) lines.push(`-H ${quoted(`X-Caller: ${asciiJson(caller)}`)}`);
  // A line of JSON is never the word alone, and a body of 400 KB is too long for an argument.
  return `${lines.join(" \\\n  ")} \\\n  --data-binary @- <<'JSON'\n${body}\nJSON\n`;
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function python(body, stage, caller) {
  const imports = ["from urllib.error import HTTPError", "from urllib.request import Request, urlopen"];
  const headers = ['"Content-Type": "application/json"'];
  const signing = [];
  if (isSigned(stage)) {
    imports.push(
      "",
      "from botocore.auth import SigV4Auth",
      "from botocore.awsrequest import AWSRequest",
      "from botocore.session import Session",
    );
    signing.push(
      'signed = AWSRequest("POST", url, headers, body.encode())',
      `SigV4Auth(Session().get_credentials(), "execute-api", "${stage.region}").add_auth(signed)`,
      "headers = dict(signed.headers)",
    );
  }
  if (HEADERS[stage.auth]) {
    imports.unshift("import os");
    headers.push(`"${HEADERS[stage.auth][0]}": os.environ["${HEADERS[stage.auth][1]}"]`);
  }
  if (caller) headers.push(`"X-Caller": ${JSON.stringify(asciiJson(caller))}`);
  // JSON never has three quotes in a row, and a raw string leaves its backslashes alone.
  return `${imports.join("\n")}

url = ${JSON.stringify(stage.url)}
headers = {${headers.join(", ")}}
body = r"""${body}"""
${signing.map((line) => `${line}\n`).join("")}
try:
    answer = urlopen(Request(url, body.encode(), headers))
except HTTPError as error:
    answer = error
print(answer.read().decode())
`;
}

function typescript(body, stage, caller) {
  const headers = ['"Content-Type": "application/json"'];
  if (HEADERS[stage.auth]) headers.push(`${JSON.stringify(HEADERS[stage.auth][0])}: process.env.${HEADERS[stage.auth][1]} ?? ""`);
  if (caller) headers.push(`"X-Caller": ${JSON.stringify(asciiJson(caller))}`);
  const client = isSigned(stage)
    ? `import { AwsClient } from "aws4fetch";

const { AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "", AWS_SESSION_TOKEN } = process.env;
const client = new AwsClient({
  accessKeyId: AWS_ACCESS_KEY_ID,
  secretAccessKey: AWS_SECRET_ACCESS_KEY,
  sessionToken: AWS_SESSION_TOKEN,
  service: "execute-api",
  region: ${JSON.stringify(stage.region)},
});
`
    : "";
  // In JSON, both stand in strings only, where an escape means the same.
  const raw = body.replaceAll("`", "\\u0060").replaceAll("${", "\\u0024{");
  return `${client}const body = String.raw\`${raw}\`;
const answer = await ${isSigned(stage) ? "client.fetch" : "fetch"}(${JSON.stringify(stage.url)}, {
  method: "POST",
  headers: { ${headers.join(", ")} },
  body,
});
console.log(await answer.text());
${isSigned(stage) ? "" : "export {};\n"}`;
}
