// Mistakes that the compiler finds: without its error, each @ts-expect-error would be one. Nothing here runs.
import { type Auth, type Call, Client, ExactNumber, apiKey } from "../src/client.js";

const client = new Client("http://127.0.0.1:8000/DynamoDBManager", { auth: apiKey("key") });
const tableName = "lambda-apigateway";

export async function mistakes(): Promise<void> {
  // @ts-expect-error There is no such operation.
  await client.call({ operation: "scan", tableName });
  // @ts-expect-error A read needs a key.
  await client.call({ operation: "read", tableName, payload: {} });
  // @ts-expect-error A read needs a table.
  await client.call({ operation: "read", payload: { Key: { id: "1" } } });
  // @ts-expect-error The field is named tableName.
  await client.call({ operation: "list", tablename: tableName });
  // @ts-expect-error No parameter of PutItem.
  await client.call({ operation: "create", tableName, payload: { Item: {}, UpdateExpression: "SET a = :a" } });
  // @ts-expect-error UpdateItem returns NONE, ALL_OLD, UPDATED_OLD, ALL_NEW or UPDATED_NEW.
  await client.call({ operation: "update", tableName, payload: { Key: { id: "1" }, ReturnValues: "NEW" } });
  // @ts-expect-error DynamoDB's own JSON writes {"S": "1"}.
  await client.call({ operation: "read", tableName, format: "dynamodb-json", payload: { Key: { id: "1" } } });
  // @ts-expect-error There is no such format.
  await client.call({ operation: "read", tableName, format: "xml", payload: { Key: { id: "1" } } });
  // @ts-expect-error DynamoDB holds no dates.
  await client.call({ operation: "create", tableName, payload: { Item: { id: "1", born: new Date() } } });
  // @ts-expect-error DynamoDB holds no set of booleans.
  await client.call({ operation: "create", tableName, payload: { Item: { id: "1", flags: new Set([true]) } } });
  // @ts-expect-error A read is always repeated.
  await client.call({ operation: "read", tableName, payload: { Key: { id: "1" } } }, { once: true });
  // @ts-expect-error A read answers with one Item.
  (await client.call({ operation: "read", tableName, payload: { Key: { id: "1" } } })).Items;
  // @ts-expect-error Only what answers in parts has pages.
  client.pages({ operation: "create", tableName, payload: { Item: { id: "1" } } });
  // @ts-expect-error An attribute may be of any type.
  const name: string = (await client.call({ operation: "read", tableName, payload: { Key: { id: "1" } } })).Item?.[
    "name"
  ];
  // @ts-expect-error A number with all of its digits is text.
  new ExactNumber(0.1);
  // @ts-expect-error A key is a header, and no text.
  const auth: Auth = () => "key";
  void [name, auth];
}

// What is right, and narrowed: these lines would not compile if the types were any.
export async function narrowed(): Promise<void> {
  const call: Call<"query"> = { operation: "query", tableName, payload: { KeyConditionExpression: "id = :id" } };
  for await (const item of client.items(call)) item["id"] satisfies unknown;
  const typed = await client.call({ operation: "list", tableName, format: "dynamodb-json" });
  const text: string | undefined = typed.Items?.[0]?.["id"]?.S;
  const pong: "pong" = await client.call({ operation: "ping" });
  const names: string[] | undefined = (await client.call({ operation: "tables" })).TableNames;
  await client.call({ operation: "create", tableName, payload: { Item: { id: "1", n: 1n } } }, { once: true });
  void [text, pong, names];
}
