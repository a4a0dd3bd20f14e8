// Generated from docs/openapi.json by generate.mjs.
import type { Value } from "./client.js";

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description API Gateway's own answer, before the request reaches the function. */
        ApiGatewayError: {
            message?: string | null;
        };
        ArchivalSummary: {
            /** @description Seconds since 1970. */
            ArchivalDateTime?: number;
            ArchivalReason?: string;
            ArchivalBackupArn?: string;
        };
        AttributeDefinition: {
            AttributeName: string;
            /** @enum {string} */
            AttributeType: "S" | "N" | "B";
        };
        AttributeValueUpdate: {
            Value?: components["schemas"]["Value"];
            /** @enum {string} */
            Action?: "ADD" | "PUT" | "DELETE";
        };
        /** batchRead */
        BatchReadCall: {
            /** @constant */
            operation: "batchRead";
            tableName?: components["schemas"]["TableName"] | null;
            payload: components["schemas"]["BatchReadPayload"];
            /** @constant */
            format?: "json";
        } | {
            /** @constant */
            operation: "batchRead";
            tableName?: components["schemas"]["TableName"] | null;
            payload: components["schemas"]["BatchReadTypedPayload"];
            /** @constant */
            format: "dynamodb-json";
        };
        /** @description The parameters of [BatchGetItem](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html). */
        BatchReadPayload: {
            RequestItems: {
                [key: string]: components["schemas"]["KeysAndAttributes"];
            };
            /** @enum {string} */
            ReturnConsumedCapacity?: "INDEXES" | "TOTAL" | "NONE";
        };
        BatchReadResult: {
            Responses?: {
                [key: string]: {
                    [key: string]: components["schemas"]["Value"];
                }[];
            };
            UnprocessedKeys?: {
                [key: string]: components["schemas"]["KeysAndAttributes"];
            };
            ConsumedCapacity?: components["schemas"]["ConsumedCapacity"][];
            ResponseMetadata: components["schemas"]["ResponseMetadata"];
        };
        /** @description The parameters of [BatchGetItem](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html). */
        BatchReadTypedPayload: {
            RequestItems: {
                [key: string]: components["schemas"]["TypedKeysAndAttributes"];
            };
            /** @enum {string} */
            ReturnConsumedCapacity?: "INDEXES" | "TOTAL" | "NONE";
        };
        BatchReadTypedResult: {
            Responses?: {
                [key: string]: {
                    [key: string]: components["schemas"]["TypedValue"];
                }[];
            };
            UnprocessedKeys?: {
                [key: string]: components["schemas"]["TypedKeysAndAttributes"];
            };
            ConsumedCapacity?: components["schemas"]["ConsumedCapacity"][];
            ResponseMetadata: components["schemas"]["ResponseMetadata"];
        };
        /** batchWrite */
        BatchWriteCall: {
            /** @constant */
            operation: "batchWrite";
            tableName?: components["schemas"]["TableName"] | null;
            payload: components["schemas"]["BatchWritePayload"];
            /** @constant */
            format?: "json";
        } | {
            /** @constant */
            operation: "batchWrite";
            tableName?: components["schemas"]["TableName"] | null;
            payload: components["schemas"]["BatchWriteTypedPayload"];
            /** @constant */
            format: "dynamodb-json";
        };
        /** @description The parameters of [BatchWriteItem](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html). */
        BatchWritePayload: {
            RequestItems: {
                [key: string]: components["schemas"]["WriteRequest"][];
            };
            /** @enum {string} */
            ReturnConsumedCapacity?: "INDEXES" | "TOTAL" | "NONE";
            /** @enum {string} */
            ReturnItemCollectionMetrics?: "SIZE" | "NONE";
        };
        BatchWriteResult: {
            UnprocessedItems?: {
                [key: string]: components["schemas"]["WriteRequest"][];
            };
            ItemCollectionMetrics?: {
                [key: string]: components["schemas"]["ItemCollectionMetrics"][];
            };
            ConsumedCapacity?: components["schemas"]["ConsumedCapacity"][];
            ResponseMetadata: components["schemas"]["ResponseMetadata"];
        };
        /** @description The parameters of [BatchWriteItem](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html). */
        BatchWriteTypedPayload: {
            RequestItems: {
                [key: string]: components["schemas"]["TypedWriteRequest"][];
            };
            /** @enum {string} */
            ReturnConsumedCapacity?: "INDEXES" | "TOTAL" | "NONE";
            /** @enum {string} */
            ReturnItemCollectionMetrics?: "SIZE" | "NONE";
        };
        BatchWriteTypedResult: {
            UnprocessedItems?: {
                [key: string]: components["schemas"]["TypedWriteRequest"][];
            };
            ItemCollectionMetrics?: {
                [key: string]: components["schemas"]["TypedItemCollectionMetrics"][];
            };
            ConsumedCapacity?: components["schemas"]["ConsumedCapacity"][];
            ResponseMetadata: components["schemas"]["ResponseMetadata"];
        };
        BillingModeSummary: {
            /** @enum {string} */
            BillingMode?: "PROVISIONED" | "PAY_PER_REQUEST";
            /** @description Seconds since 1970. */
            LastUpdateToPayPerRequestDateTime?: number;
        };
        /** @description Binary data. */
        Binary: {
            $binary: string;
        };
        Capacity: {
            ReadCapacityUnits?: number;
            WriteCapacityUnits?: number;
            CapacityUnits?: number;
        };
        Condition: {
            AttributeValueList?: components["schemas"]["Value"][];
            /** @enum {string} */
            ComparisonOperator: "EQ" | "NE" | "IN" | "LE" | "LT" | "GE" | "GT" | "BETWEEN" | "NOT_NULL" | "NULL" | "CONTAINS" | "NOT_CONTAINS" | "BEGINS_WITH";
        };
        ConditionCheck: {
            Key: {
                [key: string]: components["schemas"]["Value"];
            };
            TableName: components["schemas"]["TableName"];
            ConditionExpression: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
            ExpressionAttributeValues?: {
                [key: string]: components["schemas"]["Value"];
            };
            /** @enum {string} */
            ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE";
        };
        ConsumedCapacity: {
            TableName?: string;
            CapacityUnits?: number;
            ReadCapacityUnits?: number;
            WriteCapacityUnits?: number;
            Table?: components["schemas"]["Capacity"];
            LocalSecondaryIndexes?: {
                [key: string]: components["schemas"]["Capacity"];
            };
            GlobalSecondaryIndexes?: {
                [key: string]: components["schemas"]["Capacity"];
            };
            VectorIndexes?: {
                [key: string]: components["schemas"]["VectorCapacity"];
            };
        };
        /** create */
        CreateCall: {
            /** @constant */
            operation: "create";
            tableName: components["schemas"]["TableName"];
            payload: components["schemas"]["CreatePayload"];
            /** @constant */
            format?: "json";
        } | {
            /** @constant */
            operation: "create";
            tableName: components["schemas"]["TableName"];
            payload: components["schemas"]["CreateTypedPayload"];
            /** @constant */
            format: "dynamodb-json";
        };
        /** @description The parameters of [PutItem](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html). */
        CreatePayload: {
            Item: {
                [key: string]: components["schemas"]["Value"];
            };
            /** @deprecated */
            Expected?: {
                [key: string]: components["schemas"]["ExpectedAttributeValue"];
            };
            /** @enum {string} */
            ReturnValues?: "NONE" | "ALL_OLD" | "UPDATED_OLD" | "ALL_NEW" | "UPDATED_NEW";
            /** @enum {string} */
            ReturnConsumedCapacity?: "INDEXES" | "TOTAL" | "NONE";
            /** @enum {string} */
            ReturnItemCollectionMetrics?: "SIZE" | "NONE";
            /**
             * @deprecated
             * @enum {string}
             */
            ConditionalOperator?: "AND" | "OR";
            ConditionExpression?: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
            ExpressionAttributeValues?: {
                [key: string]: components["schemas"]["Value"];
            };
            /** @enum {string} */
            ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE";
            /** @description Applies it once. */
            ClientRequestToken?: string;
        };
        CreateResult: {
            Attributes?: {
                [key: string]: components["schemas"]["Value"];
            };
            ConsumedCapacity?: components["schemas"]["ConsumedCapacity"];
            ItemCollectionMetrics?: components["schemas"]["ItemCollectionMetrics"];
            ResponseMetadata: components["schemas"]["ResponseMetadata"];
        };
        /** @description The parameters of [PutItem](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html). */
        CreateTypedPayload: {
            Item: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            /** @deprecated */
            Expected?: {
                [key: string]: components["schemas"]["TypedExpectedAttributeValue"];
            };
            /** @enum {string} */
            ReturnValues?: "NONE" | "ALL_OLD" | "UPDATED_OLD" | "ALL_NEW" | "UPDATED_NEW";
            /** @enum {string} */
            ReturnConsumedCapacity?: "INDEXES" | "TOTAL" | "NONE";
            /** @enum {string} */
            ReturnItemCollectionMetrics?: "SIZE" | "NONE";
            /**
             * @deprecated
             * @enum {string}
             */
            ConditionalOperator?: "AND" | "OR";
            ConditionExpression?: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
            ExpressionAttributeValues?: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            /** @enum {string} */
            ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE";
            /** @description Applies it once. */
            ClientRequestToken?: string;
        };
        CreateTypedResult: {
            Attributes?: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            ConsumedCapacity?: components["schemas"]["ConsumedCapacity"];
            ItemCollectionMetrics?: components["schemas"]["TypedItemCollectionMetrics"];
            ResponseMetadata: components["schemas"]["ResponseMetadata"];
        };
        Delete: {
            Key: {
                [key: string]: components["schemas"]["Value"];
            };
            TableName: components["schemas"]["TableName"];
            ConditionExpression?: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
            ExpressionAttributeValues?: {
                [key: string]: components["schemas"]["Value"];
            };
            /** @enum {string} */
            ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE";
        };
        /** delete */
        DeleteCall: {
            /** @constant */
            operation: "delete";
            tableName: components["schemas"]["TableName"];
            payload: components["schemas"]["DeletePayload"];
            /** @constant */
            format?: "json";
        } | {
            /** @constant */
            operation: "delete";
            tableName: components["schemas"]["TableName"];
            payload: components["schemas"]["DeleteTypedPayload"];
            /** @constant */
            format: "dynamodb-json";
        };
        /** @description The parameters of [DeleteItem](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html). */
        DeletePayload: {
            Key: {
                [key: string]: components["schemas"]["Value"];
            };
            /** @deprecated */
            Expected?: {
                [key: string]: components["schemas"]["ExpectedAttributeValue"];
            };
            /**
             * @deprecated
             * @enum {string}
             */
            ConditionalOperator?: "AND" | "OR";
            /** @enum {string} */
            ReturnValues?: "NONE" | "ALL_OLD" | "UPDATED_OLD" | "ALL_NEW" | "UPDATED_NEW";
            /** @enum {string} */
            ReturnConsumedCapacity?: "INDEXES" | "TOTAL" | "NONE";
            /** @enum {string} */
            ReturnItemCollectionMetrics?: "SIZE" | "NONE";
            ConditionExpression?: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
            ExpressionAttributeValues?: {
                [key: string]: components["schemas"]["Value"];
            };
            /** @enum {string} */
            ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE";
            /** @description Applies it once. */
            ClientRequestToken?: string;
        };
        DeleteRequest: {
            Key: {
                [key: string]: components["schemas"]["Value"];
            };
        };
        DeleteResult: {
            Attributes?: {
                [key: string]: components["schemas"]["Value"];
            };
            ConsumedCapacity?: components["schemas"]["ConsumedCapacity"];
            ItemCollectionMetrics?: components["schemas"]["ItemCollectionMetrics"];
            ResponseMetadata: components["schemas"]["ResponseMetadata"];
        };
        /** @description The parameters of [DeleteItem](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html). */
        DeleteTypedPayload: {
            Key: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            /** @deprecated */
            Expected?: {
                [key: string]: components["schemas"]["TypedExpectedAttributeValue"];
            };
            /**
             * @deprecated
             * @enum {string}
             */
            ConditionalOperator?: "AND" | "OR";
            /** @enum {string} */
            ReturnValues?: "NONE" | "ALL_OLD" | "UPDATED_OLD" | "ALL_NEW" | "UPDATED_NEW";
            /** @enum {string} */
            ReturnConsumedCapacity?: "INDEXES" | "TOTAL" | "NONE";
            /** @enum {string} */
            ReturnItemCollectionMetrics?: "SIZE" | "NONE";
            ConditionExpression?: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
            ExpressionAttributeValues?: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            /** @enum {string} */
            ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE";
            /** @description Applies it once. */
            ClientRequestToken?: string;
        };
        DeleteTypedResult: {
            Attributes?: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            ConsumedCapacity?: components["schemas"]["ConsumedCapacity"];
            ItemCollectionMetrics?: components["schemas"]["TypedItemCollectionMetrics"];
            ResponseMetadata: components["schemas"]["ResponseMetadata"];
        };
        /** describe */
        DescribeCall: {
            /** @constant */
            operation: "describe";
            tableName: components["schemas"]["TableName"];
            payload?: components["schemas"]["DescribePayload"] | null;
            /** @enum {string} */
            format?: "json" | "dynamodb-json";
        };
        /** @description The parameters of [DescribeTable](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html). */
        DescribePayload: Record<string, never>;
        DescribeResult: {
            Table?: components["schemas"]["TableDescription"];
            ResponseMetadata: components["schemas"]["ResponseMetadata"];
        };
        /** echo */
        EchoCall: {
            /** @constant */
            operation: "echo";
            tableName?: string | null;
            payload?: components["schemas"]["EchoPayload"];
            /** @enum {string} */
            format?: "json" | "dynamodb-json";
        };
        /** @description Any JSON. */
        EchoPayload: unknown;
        /** @description The payload. */
        EchoResult: unknown;
        Error: {
            /** @description DynamoDB's name of the error, or the gateway's own. */
            Code: string;
            /** @description What is wrong, and what to send instead. */
            Message: string;
            /** @description The id in the header X-Request-Id. */
            RequestId: string;
            Item?: {
                [key: string]: unknown;
            };
            CancellationReasons?: {
                Item?: {
                    [key: string]: unknown;
                };
                Code?: string;
                Message?: string;
            }[];
            ThrottlingReasons?: {
                reason?: string;
                resource?: string;
            }[];
            throttlingReasons?: {
                reason?: string;
                resource?: string;
            }[];
        };
        /** @description A map whose only key is `$binary`, `$set` or `$map`. */
        EscapedMap: {
            $map: {
                [key: string]: unknown;
            };
        };
        ExpectedAttributeValue: {
            Value?: components["schemas"]["Value"];
            Exists?: boolean;
            /** @enum {string} */
            ComparisonOperator?: "EQ" | "NE" | "IN" | "LE" | "LT" | "GE" | "GT" | "BETWEEN" | "NOT_NULL" | "NULL" | "CONTAINS" | "NOT_CONTAINS" | "BEGINS_WITH";
            AttributeValueList?: components["schemas"]["Value"][];
        };
        Get: {
            Key: {
                [key: string]: components["schemas"]["Value"];
            };
            TableName: components["schemas"]["TableName"];
            ProjectionExpression?: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
        };
        GlobalSecondaryIndexDescription: {
            IndexName?: string;
            KeySchema?: components["schemas"]["KeySchemaElement"][];
            Projection?: components["schemas"]["Projection"];
            /** @enum {string} */
            IndexStatus?: "CREATING" | "UPDATING" | "DELETING" | "ACTIVE";
            Backfilling?: boolean;
            ProvisionedThroughput?: components["schemas"]["ProvisionedThroughputDescription"];
            /** Format: int64 */
            IndexSizeBytes?: number;
            /** Format: int64 */
            ItemCount?: number;
            IndexArn?: string;
            OnDemandThroughput?: components["schemas"]["OnDemandThroughput"];
            WarmThroughput?: components["schemas"]["GlobalSecondaryIndexWarmThroughputDescription"];
        };
        GlobalSecondaryIndexWarmThroughputDescription: {
            /** Format: int64 */
            ReadUnitsPerSecond?: number;
            /** Format: int64 */
            WriteUnitsPerSecond?: number;
            /** @enum {string} */
            Status?: "CREATING" | "UPDATING" | "DELETING" | "ACTIVE";
        };
        GlobalTableWitnessDescription: {
            RegionName?: string;
            /** @enum {string} */
            WitnessStatus?: "CREATING" | "DELETING" | "ACTIVE";
        };
        ItemCollectionMetrics: {
            ItemCollectionKey?: {
                [key: string]: components["schemas"]["Value"];
            };
            SizeEstimateRangeGB?: number[];
        };
        ItemResponse: {
            Item?: {
                [key: string]: components["schemas"]["Value"];
            };
        };
        KeySchemaElement: {
            AttributeName: string;
            /** @enum {string} */
            KeyType: "HASH" | "RANGE";
        };
        KeysAndAttributes: {
            Keys: {
                [key: string]: components["schemas"]["Value"];
            }[];
            /** @deprecated */
            AttributesToGet?: string[];
            ConsistentRead?: boolean;
            ProjectionExpression?: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
        };
        /** list */
        ListCall: {
            /** @constant */
            operation: "list";
            tableName: components["schemas"]["TableName"];
            payload?: components["schemas"]["ListPayload"] | null;
            /** @constant */
            format?: "json";
        } | {
            /** @constant */
            operation: "list";
            tableName: components["schemas"]["TableName"];
            payload?: components["schemas"]["ListTypedPayload"] | null;
            /** @constant */
            format: "dynamodb-json";
        };
        /** @description The parameters of [Scan](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html). */
        ListPayload: {
            IndexName?: string;
            /** @deprecated */
            AttributesToGet?: string[];
            /** Format: int32 */
            Limit?: number;
            /** @enum {string} */
            Select?: "ALL_ATTRIBUTES" | "ALL_PROJECTED_ATTRIBUTES" | "SPECIFIC_ATTRIBUTES" | "COUNT";
            /** @deprecated */
            ScanFilter?: {
                [key: string]: components["schemas"]["Condition"];
            };
            /**
             * @deprecated
             * @enum {string}
             */
            ConditionalOperator?: "AND" | "OR";
            ExclusiveStartKey?: {
                [key: string]: components["schemas"]["Value"];
            };
            /** @enum {string} */
            ReturnConsumedCapacity?: "INDEXES" | "TOTAL" | "NONE";
            /** Format: int32 */
            TotalSegments?: number;
            /** Format: int32 */
            Segment?: number;
            ProjectionExpression?: string;
            FilterExpression?: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
            ExpressionAttributeValues?: {
                [key: string]: components["schemas"]["Value"];
            };
            ConsistentRead?: boolean;
        };
        ListResult: {
            Items?: {
                [key: string]: components["schemas"]["Value"];
            }[];
            /** Format: int32 */
            Count?: number;
            /** Format: int32 */
            ScannedCount?: number;
            LastEvaluatedKey?: {
                [key: string]: components["schemas"]["Value"];
            };
            ConsumedCapacity?: components["schemas"]["ConsumedCapacity"];
            ResponseMetadata: components["schemas"]["ResponseMetadata"];
        };
        /** @description The parameters of [Scan](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html). */
        ListTypedPayload: {
            IndexName?: string;
            /** @deprecated */
            AttributesToGet?: string[];
            /** Format: int32 */
            Limit?: number;
            /** @enum {string} */
            Select?: "ALL_ATTRIBUTES" | "ALL_PROJECTED_ATTRIBUTES" | "SPECIFIC_ATTRIBUTES" | "COUNT";
            /** @deprecated */
            ScanFilter?: {
                [key: string]: components["schemas"]["TypedCondition"];
            };
            /**
             * @deprecated
             * @enum {string}
             */
            ConditionalOperator?: "AND" | "OR";
            ExclusiveStartKey?: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            /** @enum {string} */
            ReturnConsumedCapacity?: "INDEXES" | "TOTAL" | "NONE";
            /** Format: int32 */
            TotalSegments?: number;
            /** Format: int32 */
            Segment?: number;
            ProjectionExpression?: string;
            FilterExpression?: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
            ExpressionAttributeValues?: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            ConsistentRead?: boolean;
        };
        ListTypedResult: {
            Items?: {
                [key: string]: components["schemas"]["TypedValue"];
            }[];
            /** Format: int32 */
            Count?: number;
            /** Format: int32 */
            ScannedCount?: number;
            LastEvaluatedKey?: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            ConsumedCapacity?: components["schemas"]["ConsumedCapacity"];
            ResponseMetadata: components["schemas"]["ResponseMetadata"];
        };
        LocalSecondaryIndexDescription: {
            IndexName?: string;
            KeySchema?: components["schemas"]["KeySchemaElement"][];
            Projection?: components["schemas"]["Projection"];
            /** Format: int64 */
            IndexSizeBytes?: number;
            /** Format: int64 */
            ItemCount?: number;
            IndexArn?: string;
        };
        OnDemandThroughput: {
            /** Format: int64 */
            MaxReadRequestUnits?: number;
            /** Format: int64 */
            MaxWriteRequestUnits?: number;
        };
        OnDemandThroughputOverride: {
            /** Format: int64 */
            MaxReadRequestUnits?: number;
        };
        /** @description For generators of typed clients. Nothing that is sent has this schema. */
        Operations: {
            create: {
                json: {
                    tableName: components["schemas"]["TableName"];
                    payload: components["schemas"]["CreatePayload"];
                    result: components["schemas"]["CreateResult"];
                };
                "dynamodb-json": {
                    tableName: components["schemas"]["TableName"];
                    payload: components["schemas"]["CreateTypedPayload"];
                    result: components["schemas"]["CreateTypedResult"];
                };
            };
            read: {
                json: {
                    tableName: components["schemas"]["TableName"];
                    payload: components["schemas"]["ReadPayload"];
                    result: components["schemas"]["ReadResult"];
                };
                "dynamodb-json": {
                    tableName: components["schemas"]["TableName"];
                    payload: components["schemas"]["ReadTypedPayload"];
                    result: components["schemas"]["ReadTypedResult"];
                };
            };
            update: {
                json: {
                    tableName: components["schemas"]["TableName"];
                    payload: components["schemas"]["UpdatePayload"];
                    result: components["schemas"]["UpdateResult"];
                };
                "dynamodb-json": {
                    tableName: components["schemas"]["TableName"];
                    payload: components["schemas"]["UpdateTypedPayload"];
                    result: components["schemas"]["UpdateTypedResult"];
                };
            };
            delete: {
                json: {
                    tableName: components["schemas"]["TableName"];
                    payload: components["schemas"]["DeletePayload"];
                    result: components["schemas"]["DeleteResult"];
                };
                "dynamodb-json": {
                    tableName: components["schemas"]["TableName"];
                    payload: components["schemas"]["DeleteTypedPayload"];
                    result: components["schemas"]["DeleteTypedResult"];
                };
            };
            list: {
                json: {
                    tableName: components["schemas"]["TableName"];
                    payload?: components["schemas"]["ListPayload"];
                    result: components["schemas"]["ListResult"];
                };
                "dynamodb-json": {
                    tableName: components["schemas"]["TableName"];
                    payload?: components["schemas"]["ListTypedPayload"];
                    result: components["schemas"]["ListTypedResult"];
                };
            };
            query: {
                json: {
                    tableName: components["schemas"]["TableName"];
                    payload?: components["schemas"]["QueryPayload"];
                    result: components["schemas"]["QueryResult"];
                };
                "dynamodb-json": {
                    tableName: components["schemas"]["TableName"];
                    payload?: components["schemas"]["QueryTypedPayload"];
                    result: components["schemas"]["QueryTypedResult"];
                };
            };
            batchRead: {
                json: {
                    tableName?: components["schemas"]["TableName"] | null;
                    payload: components["schemas"]["BatchReadPayload"];
                    result: components["schemas"]["BatchReadResult"];
                };
                "dynamodb-json": {
                    tableName?: components["schemas"]["TableName"] | null;
                    payload: components["schemas"]["BatchReadTypedPayload"];
                    result: components["schemas"]["BatchReadTypedResult"];
                };
            };
            batchWrite: {
                json: {
                    tableName?: components["schemas"]["TableName"] | null;
                    payload: components["schemas"]["BatchWritePayload"];
                    result: components["schemas"]["BatchWriteResult"];
                };
                "dynamodb-json": {
                    tableName?: components["schemas"]["TableName"] | null;
                    payload: components["schemas"]["BatchWriteTypedPayload"];
                    result: components["schemas"]["BatchWriteTypedResult"];
                };
            };
            transactRead: {
                json: {
                    tableName?: components["schemas"]["TableName"] | null;
                    payload: components["schemas"]["TransactReadPayload"];
                    result: components["schemas"]["TransactReadResult"];
                };
                "dynamodb-json": {
                    tableName?: components["schemas"]["TableName"] | null;
                    payload: components["schemas"]["TransactReadTypedPayload"];
                    result: components["schemas"]["TransactReadTypedResult"];
                };
            };
            transactWrite: {
                json: {
                    tableName?: components["schemas"]["TableName"] | null;
                    payload: components["schemas"]["TransactWritePayload"];
                    result: components["schemas"]["TransactWriteResult"];
                };
                "dynamodb-json": {
                    tableName?: components["schemas"]["TableName"] | null;
                    payload: components["schemas"]["TransactWriteTypedPayload"];
                    result: components["schemas"]["TransactWriteTypedResult"];
                };
            };
            tables: {
                json: {
                    tableName?: string | null;
                    payload?: components["schemas"]["TablesPayload"];
                    result: components["schemas"]["TablesResult"];
                };
                "dynamodb-json": {
                    tableName?: string | null;
                    payload?: components["schemas"]["TablesPayload"];
                    result: components["schemas"]["TablesResult"];
                };
            };
            describe: {
                json: {
                    tableName: components["schemas"]["TableName"];
                    payload?: components["schemas"]["DescribePayload"];
                    result: components["schemas"]["DescribeResult"];
                };
                "dynamodb-json": {
                    tableName: components["schemas"]["TableName"];
                    payload?: components["schemas"]["DescribePayload"];
                    result: components["schemas"]["DescribeResult"];
                };
            };
            echo: {
                json: {
                    tableName?: string | null;
                    payload?: components["schemas"]["EchoPayload"];
                    result: components["schemas"]["EchoResult"];
                };
                "dynamodb-json": {
                    tableName?: string | null;
                    payload?: components["schemas"]["EchoPayload"];
                    result: components["schemas"]["EchoResult"];
                };
            };
            ping: {
                json: {
                    tableName?: string | null;
                    payload?: components["schemas"]["PingPayload"];
                    result: components["schemas"]["PingResult"];
                };
                "dynamodb-json": {
                    tableName?: string | null;
                    payload?: components["schemas"]["PingPayload"];
                    result: components["schemas"]["PingResult"];
                };
            };
        };
        /** ping */
        PingCall: {
            /** @constant */
            operation: "ping";
            tableName?: string | null;
            payload?: components["schemas"]["PingPayload"] | null;
            /** @enum {string} */
            format?: "json" | "dynamodb-json";
        };
        PingPayload: Record<string, never>;
        /** @constant */
        PingResult: "pong";
        Projection: {
            /** @enum {string} */
            ProjectionType?: "ALL" | "KEYS_ONLY" | "INCLUDE";
            NonKeyAttributes?: string[];
        };
        ProvisionedThroughputDescription: {
            /** @description Seconds since 1970. */
            LastIncreaseDateTime?: number;
            /** @description Seconds since 1970. */
            LastDecreaseDateTime?: number;
            /** Format: int64 */
            NumberOfDecreasesToday?: number;
            /** Format: int64 */
            ReadCapacityUnits?: number;
            /** Format: int64 */
            WriteCapacityUnits?: number;
        };
        ProvisionedThroughputOverride: {
            /** Format: int64 */
            ReadCapacityUnits?: number;
        };
        Put: {
            Item: {
                [key: string]: components["schemas"]["Value"];
            };
            TableName: components["schemas"]["TableName"];
            ConditionExpression?: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
            ExpressionAttributeValues?: {
                [key: string]: components["schemas"]["Value"];
            };
            /** @enum {string} */
            ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE";
        };
        PutRequest: {
            Item: {
                [key: string]: components["schemas"]["Value"];
            };
        };
        /** query */
        QueryCall: {
            /** @constant */
            operation: "query";
            tableName: components["schemas"]["TableName"];
            payload?: components["schemas"]["QueryPayload"] | null;
            /** @constant */
            format?: "json";
        } | {
            /** @constant */
            operation: "query";
            tableName: components["schemas"]["TableName"];
            payload?: components["schemas"]["QueryTypedPayload"] | null;
            /** @constant */
            format: "dynamodb-json";
        };
        /** @description The parameters of [Query](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html). */
        QueryPayload: {
            IndexName?: string;
            /** @enum {string} */
            Select?: "ALL_ATTRIBUTES" | "ALL_PROJECTED_ATTRIBUTES" | "SPECIFIC_ATTRIBUTES" | "COUNT";
            /** @deprecated */
            AttributesToGet?: string[];
            /** Format: int32 */
            Limit?: number;
            ConsistentRead?: boolean;
            /** @deprecated */
            KeyConditions?: {
                [key: string]: components["schemas"]["Condition"];
            };
            /** @deprecated */
            QueryFilter?: {
                [key: string]: components["schemas"]["Condition"];
            };
            /**
             * @deprecated
             * @enum {string}
             */
            ConditionalOperator?: "AND" | "OR";
            ScanIndexForward?: boolean;
            ExclusiveStartKey?: {
                [key: string]: components["schemas"]["Value"];
            };
            /** @enum {string} */
            ReturnConsumedCapacity?: "INDEXES" | "TOTAL" | "NONE";
            ProjectionExpression?: string;
            FilterExpression?: string;
            KeyConditionExpression?: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
            ExpressionAttributeValues?: {
                [key: string]: components["schemas"]["Value"];
            };
        };
        QueryResult: {
            Items?: {
                [key: string]: components["schemas"]["Value"];
            }[];
            /** Format: int32 */
            Count?: number;
            /** Format: int32 */
            ScannedCount?: number;
            LastEvaluatedKey?: {
                [key: string]: components["schemas"]["Value"];
            };
            ConsumedCapacity?: components["schemas"]["ConsumedCapacity"];
            ResponseMetadata: components["schemas"]["ResponseMetadata"];
        };
        /** @description The parameters of [Query](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html). */
        QueryTypedPayload: {
            IndexName?: string;
            /** @enum {string} */
            Select?: "ALL_ATTRIBUTES" | "ALL_PROJECTED_ATTRIBUTES" | "SPECIFIC_ATTRIBUTES" | "COUNT";
            /** @deprecated */
            AttributesToGet?: string[];
            /** Format: int32 */
            Limit?: number;
            ConsistentRead?: boolean;
            /** @deprecated */
            KeyConditions?: {
                [key: string]: components["schemas"]["TypedCondition"];
            };
            /** @deprecated */
            QueryFilter?: {
                [key: string]: components["schemas"]["TypedCondition"];
            };
            /**
             * @deprecated
             * @enum {string}
             */
            ConditionalOperator?: "AND" | "OR";
            ScanIndexForward?: boolean;
            ExclusiveStartKey?: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            /** @enum {string} */
            ReturnConsumedCapacity?: "INDEXES" | "TOTAL" | "NONE";
            ProjectionExpression?: string;
            FilterExpression?: string;
            KeyConditionExpression?: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
            ExpressionAttributeValues?: {
                [key: string]: components["schemas"]["TypedValue"];
            };
        };
        QueryTypedResult: {
            Items?: {
                [key: string]: components["schemas"]["TypedValue"];
            }[];
            /** Format: int32 */
            Count?: number;
            /** Format: int32 */
            ScannedCount?: number;
            LastEvaluatedKey?: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            ConsumedCapacity?: components["schemas"]["ConsumedCapacity"];
            ResponseMetadata: components["schemas"]["ResponseMetadata"];
        };
        /** read */
        ReadCall: {
            /** @constant */
            operation: "read";
            tableName: components["schemas"]["TableName"];
            payload: components["schemas"]["ReadPayload"];
            /** @constant */
            format?: "json";
        } | {
            /** @constant */
            operation: "read";
            tableName: components["schemas"]["TableName"];
            payload: components["schemas"]["ReadTypedPayload"];
            /** @constant */
            format: "dynamodb-json";
        };
        /** @description The parameters of [GetItem](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html). */
        ReadPayload: {
            Key: {
                [key: string]: components["schemas"]["Value"];
            };
            /** @deprecated */
            AttributesToGet?: string[];
            ConsistentRead?: boolean;
            /** @enum {string} */
            ReturnConsumedCapacity?: "INDEXES" | "TOTAL" | "NONE";
            ProjectionExpression?: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
        };
        ReadResult: {
            Item?: {
                [key: string]: components["schemas"]["Value"];
            };
            ConsumedCapacity?: components["schemas"]["ConsumedCapacity"];
            ResponseMetadata: components["schemas"]["ResponseMetadata"];
        };
        /** @description The parameters of [GetItem](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html). */
        ReadTypedPayload: {
            Key: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            /** @deprecated */
            AttributesToGet?: string[];
            ConsistentRead?: boolean;
            /** @enum {string} */
            ReturnConsumedCapacity?: "INDEXES" | "TOTAL" | "NONE";
            ProjectionExpression?: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
        };
        ReadTypedResult: {
            Item?: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            ConsumedCapacity?: components["schemas"]["ConsumedCapacity"];
            ResponseMetadata: components["schemas"]["ResponseMetadata"];
        };
        ReplicaDescription: {
            RegionName?: string;
            /** @enum {string} */
            ReplicaStatus?: "CREATING" | "CREATION_FAILED" | "UPDATING" | "DELETING" | "ACTIVE" | "REGION_DISABLED" | "INACCESSIBLE_ENCRYPTION_CREDENTIALS" | "ARCHIVING" | "ARCHIVED" | "REPLICATION_NOT_AUTHORIZED";
            ReplicaArn?: string;
            ReplicaStatusDescription?: string;
            ReplicaStatusPercentProgress?: string;
            KMSMasterKeyId?: string;
            ProvisionedThroughputOverride?: components["schemas"]["ProvisionedThroughputOverride"];
            OnDemandThroughputOverride?: components["schemas"]["OnDemandThroughputOverride"];
            WarmThroughput?: components["schemas"]["TableWarmThroughputDescription"];
            GlobalSecondaryIndexes?: components["schemas"]["ReplicaGlobalSecondaryIndexDescription"][];
            /** @description Seconds since 1970. */
            ReplicaInaccessibleDateTime?: number;
            ReplicaTableClassSummary?: components["schemas"]["TableClassSummary"];
            /** @enum {string} */
            GlobalTableSettingsReplicationMode?: "ENABLED" | "DISABLED" | "ENABLED_WITH_OVERRIDES";
        };
        ReplicaGlobalSecondaryIndexDescription: {
            IndexName?: string;
            ProvisionedThroughputOverride?: components["schemas"]["ProvisionedThroughputOverride"];
            OnDemandThroughputOverride?: components["schemas"]["OnDemandThroughputOverride"];
            WarmThroughput?: components["schemas"]["GlobalSecondaryIndexWarmThroughputDescription"];
        };
        ResponseMetadata: {
            /** @description DynamoDB's id of the request. */
            RequestId: string | null;
            HTTPStatusCode: number;
            RetryAttempts: number;
        };
        RestoreSummary: {
            SourceBackupArn?: string;
            SourceTableArn?: string;
            /** @description Seconds since 1970. */
            RestoreDateTime: number;
            RestoreInProgress: boolean;
        };
        SSEDescription: {
            /** @enum {string} */
            Status?: "ENABLING" | "ENABLED" | "DISABLING" | "DISABLED" | "UPDATING";
            /** @enum {string} */
            SSEType?: "AES256" | "KMS";
            KMSMasterKeyArn?: string;
            /** @description Seconds since 1970. */
            InaccessibleEncryptionDateTime?: number;
        };
        SearchSchemaElement: {
            AttributeName: string;
            /** @enum {string} */
            SearchSchemaElementType: "HASH" | "INLINE_FILTER";
        };
        /** @description A set: all strings, all numbers, or all binary. */
        Set: {
            $set: string[] | number[] | components["schemas"]["Binary"][];
        };
        StreamSpecification: {
            StreamEnabled: boolean;
            /** @enum {string} */
            StreamViewType?: "NEW_IMAGE" | "OLD_IMAGE" | "NEW_AND_OLD_IMAGES" | "KEYS_ONLY";
        };
        TableClassSummary: {
            /** @enum {string} */
            TableClass?: "STANDARD" | "STANDARD_INFREQUENT_ACCESS";
            /** @description Seconds since 1970. */
            LastUpdateDateTime?: number;
        };
        TableDescription: {
            AttributeDefinitions?: components["schemas"]["AttributeDefinition"][];
            TableName?: string;
            KeySchema?: components["schemas"]["KeySchemaElement"][];
            /** @enum {string} */
            TableStatus?: "CREATING" | "UPDATING" | "DELETING" | "ACTIVE" | "INACCESSIBLE_ENCRYPTION_CREDENTIALS" | "ARCHIVING" | "ARCHIVED" | "REPLICATION_NOT_AUTHORIZED";
            /** @description Seconds since 1970. */
            CreationDateTime?: number;
            ProvisionedThroughput?: components["schemas"]["ProvisionedThroughputDescription"];
            /** Format: int64 */
            TableSizeBytes?: number;
            /** Format: int64 */
            ItemCount?: number;
            TableArn?: string;
            TableId?: string;
            BillingModeSummary?: components["schemas"]["BillingModeSummary"];
            LocalSecondaryIndexes?: components["schemas"]["LocalSecondaryIndexDescription"][];
            GlobalSecondaryIndexes?: components["schemas"]["GlobalSecondaryIndexDescription"][];
            StreamSpecification?: components["schemas"]["StreamSpecification"];
            LatestStreamLabel?: string;
            LatestStreamArn?: string;
            GlobalTableVersion?: string;
            Replicas?: components["schemas"]["ReplicaDescription"][];
            GlobalTableWitnesses?: components["schemas"]["GlobalTableWitnessDescription"][];
            /** @enum {string} */
            GlobalTableSettingsReplicationMode?: "ENABLED" | "DISABLED" | "ENABLED_WITH_OVERRIDES";
            RestoreSummary?: components["schemas"]["RestoreSummary"];
            SSEDescription?: components["schemas"]["SSEDescription"];
            ArchivalSummary?: components["schemas"]["ArchivalSummary"];
            TableClassSummary?: components["schemas"]["TableClassSummary"];
            DeletionProtectionEnabled?: boolean;
            DisassociationProtectionEnabled?: boolean;
            OnDemandThroughput?: components["schemas"]["OnDemandThroughput"];
            WarmThroughput?: components["schemas"]["TableWarmThroughputDescription"];
            /** @enum {string} */
            MultiRegionConsistency?: "EVENTUAL" | "STRONG";
            VectorIndexes?: components["schemas"]["VectorIndexDescription"][];
        };
        /** @description The name or the ARN of a table. */
        TableName: string;
        TableWarmThroughputDescription: {
            /** Format: int64 */
            ReadUnitsPerSecond?: number;
            /** Format: int64 */
            WriteUnitsPerSecond?: number;
            /** @enum {string} */
            Status?: "CREATING" | "UPDATING" | "DELETING" | "ACTIVE" | "INACCESSIBLE_ENCRYPTION_CREDENTIALS" | "ARCHIVING" | "ARCHIVED" | "REPLICATION_NOT_AUTHORIZED";
        };
        /** tables */
        TablesCall: {
            /** @constant */
            operation: "tables";
            tableName?: string | null;
            payload?: components["schemas"]["TablesPayload"] | null;
            /** @enum {string} */
            format?: "json" | "dynamodb-json";
        };
        /** @description The parameters of [ListTables](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html). */
        TablesPayload: {
            ExclusiveStartTableName?: components["schemas"]["TableName"];
            /** Format: int32 */
            Limit?: number;
        };
        TablesResult: {
            TableNames?: string[];
            LastEvaluatedTableName?: string;
            ResponseMetadata?: components["schemas"]["ResponseMetadata"];
        };
        TransactGetItem: {
            Get: components["schemas"]["Get"];
        };
        /** transactRead */
        TransactReadCall: {
            /** @constant */
            operation: "transactRead";
            tableName?: components["schemas"]["TableName"] | null;
            payload: components["schemas"]["TransactReadPayload"];
            /** @constant */
            format?: "json";
        } | {
            /** @constant */
            operation: "transactRead";
            tableName?: components["schemas"]["TableName"] | null;
            payload: components["schemas"]["TransactReadTypedPayload"];
            /** @constant */
            format: "dynamodb-json";
        };
        /** @description The parameters of [TransactGetItems](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html). */
        TransactReadPayload: {
            TransactItems: components["schemas"]["TransactGetItem"][];
            /** @enum {string} */
            ReturnConsumedCapacity?: "INDEXES" | "TOTAL" | "NONE";
        };
        TransactReadResult: {
            ConsumedCapacity?: components["schemas"]["ConsumedCapacity"][];
            Responses?: components["schemas"]["ItemResponse"][];
            ResponseMetadata: components["schemas"]["ResponseMetadata"];
        };
        /** @description The parameters of [TransactGetItems](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html). */
        TransactReadTypedPayload: {
            TransactItems: components["schemas"]["TypedTransactGetItem"][];
            /** @enum {string} */
            ReturnConsumedCapacity?: "INDEXES" | "TOTAL" | "NONE";
        };
        TransactReadTypedResult: {
            ConsumedCapacity?: components["schemas"]["ConsumedCapacity"][];
            Responses?: components["schemas"]["TypedItemResponse"][];
            ResponseMetadata: components["schemas"]["ResponseMetadata"];
        };
        /** transactWrite */
        TransactWriteCall: {
            /** @constant */
            operation: "transactWrite";
            tableName?: components["schemas"]["TableName"] | null;
            payload: components["schemas"]["TransactWritePayload"];
            /** @constant */
            format?: "json";
        } | {
            /** @constant */
            operation: "transactWrite";
            tableName?: components["schemas"]["TableName"] | null;
            payload: components["schemas"]["TransactWriteTypedPayload"];
            /** @constant */
            format: "dynamodb-json";
        };
        TransactWriteItem: {
            ConditionCheck?: components["schemas"]["ConditionCheck"];
            Put?: components["schemas"]["Put"];
            Delete?: components["schemas"]["Delete"];
            Update?: components["schemas"]["Update"];
        };
        /** @description The parameters of [TransactWriteItems](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html). */
        TransactWritePayload: {
            TransactItems: components["schemas"]["TransactWriteItem"][];
            /** @enum {string} */
            ReturnConsumedCapacity?: "INDEXES" | "TOTAL" | "NONE";
            /** @enum {string} */
            ReturnItemCollectionMetrics?: "SIZE" | "NONE";
            ClientRequestToken?: string;
        };
        TransactWriteResult: {
            ConsumedCapacity?: components["schemas"]["ConsumedCapacity"][];
            ItemCollectionMetrics?: {
                [key: string]: components["schemas"]["ItemCollectionMetrics"][];
            };
            ResponseMetadata: components["schemas"]["ResponseMetadata"];
        };
        /** @description The parameters of [TransactWriteItems](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html). */
        TransactWriteTypedPayload: {
            TransactItems: components["schemas"]["TypedTransactWriteItem"][];
            /** @enum {string} */
            ReturnConsumedCapacity?: "INDEXES" | "TOTAL" | "NONE";
            /** @enum {string} */
            ReturnItemCollectionMetrics?: "SIZE" | "NONE";
            ClientRequestToken?: string;
        };
        TransactWriteTypedResult: {
            ConsumedCapacity?: components["schemas"]["ConsumedCapacity"][];
            ItemCollectionMetrics?: {
                [key: string]: components["schemas"]["TypedItemCollectionMetrics"][];
            };
            ResponseMetadata: components["schemas"]["ResponseMetadata"];
        };
        TypedAttributeValueUpdate: {
            Value?: components["schemas"]["TypedValue"];
            /** @enum {string} */
            Action?: "ADD" | "PUT" | "DELETE";
        };
        TypedCondition: {
            AttributeValueList?: components["schemas"]["TypedValue"][];
            /** @enum {string} */
            ComparisonOperator: "EQ" | "NE" | "IN" | "LE" | "LT" | "GE" | "GT" | "BETWEEN" | "NOT_NULL" | "NULL" | "CONTAINS" | "NOT_CONTAINS" | "BEGINS_WITH";
        };
        TypedConditionCheck: {
            Key: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            TableName: components["schemas"]["TableName"];
            ConditionExpression: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
            ExpressionAttributeValues?: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            /** @enum {string} */
            ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE";
        };
        TypedDelete: {
            Key: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            TableName: components["schemas"]["TableName"];
            ConditionExpression?: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
            ExpressionAttributeValues?: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            /** @enum {string} */
            ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE";
        };
        TypedDeleteRequest: {
            Key: {
                [key: string]: components["schemas"]["TypedValue"];
            };
        };
        TypedExpectedAttributeValue: {
            Value?: components["schemas"]["TypedValue"];
            Exists?: boolean;
            /** @enum {string} */
            ComparisonOperator?: "EQ" | "NE" | "IN" | "LE" | "LT" | "GE" | "GT" | "BETWEEN" | "NOT_NULL" | "NULL" | "CONTAINS" | "NOT_CONTAINS" | "BEGINS_WITH";
            AttributeValueList?: components["schemas"]["TypedValue"][];
        };
        TypedGet: {
            Key: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            TableName: components["schemas"]["TableName"];
            ProjectionExpression?: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
        };
        TypedItemCollectionMetrics: {
            ItemCollectionKey?: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            SizeEstimateRangeGB?: number[];
        };
        TypedItemResponse: {
            Item?: {
                [key: string]: components["schemas"]["TypedValue"];
            };
        };
        TypedKeysAndAttributes: {
            Keys: {
                [key: string]: components["schemas"]["TypedValue"];
            }[];
            /** @deprecated */
            AttributesToGet?: string[];
            ConsistentRead?: boolean;
            ProjectionExpression?: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
        };
        TypedPut: {
            Item: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            TableName: components["schemas"]["TableName"];
            ConditionExpression?: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
            ExpressionAttributeValues?: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            /** @enum {string} */
            ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE";
        };
        TypedPutRequest: {
            Item: {
                [key: string]: components["schemas"]["TypedValue"];
            };
        };
        TypedTransactGetItem: {
            Get: components["schemas"]["TypedGet"];
        };
        TypedTransactWriteItem: {
            ConditionCheck?: components["schemas"]["TypedConditionCheck"];
            Put?: components["schemas"]["TypedPut"];
            Delete?: components["schemas"]["TypedDelete"];
            Update?: components["schemas"]["TypedUpdate"];
        };
        TypedUpdate: {
            Key: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            UpdateExpression: string;
            TableName: components["schemas"]["TableName"];
            ConditionExpression?: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
            ExpressionAttributeValues?: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            /** @enum {string} */
            ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE";
        };
        /** @description [AttributeValue](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html) in DynamoDB's own JSON. */
        TypedValue: {
            S?: string;
            /** @description A number as text. */
            N?: string;
            B?: string;
            SS?: string[];
            NS?: string[];
            BS?: string[];
            M?: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            L?: components["schemas"]["TypedValue"][];
            NULL?: boolean;
            BOOL?: boolean;
        };
        TypedWriteRequest: {
            PutRequest?: components["schemas"]["TypedPutRequest"];
            DeleteRequest?: components["schemas"]["TypedDeleteRequest"];
        };
        Update: {
            Key: {
                [key: string]: components["schemas"]["Value"];
            };
            UpdateExpression: string;
            TableName: components["schemas"]["TableName"];
            ConditionExpression?: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
            ExpressionAttributeValues?: {
                [key: string]: components["schemas"]["Value"];
            };
            /** @enum {string} */
            ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE";
        };
        /** update */
        UpdateCall: {
            /** @constant */
            operation: "update";
            tableName: components["schemas"]["TableName"];
            payload: components["schemas"]["UpdatePayload"];
            /** @constant */
            format?: "json";
        } | {
            /** @constant */
            operation: "update";
            tableName: components["schemas"]["TableName"];
            payload: components["schemas"]["UpdateTypedPayload"];
            /** @constant */
            format: "dynamodb-json";
        };
        /** @description The parameters of [UpdateItem](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html). */
        UpdatePayload: {
            Key: {
                [key: string]: components["schemas"]["Value"];
            };
            /** @deprecated */
            AttributeUpdates?: {
                [key: string]: components["schemas"]["AttributeValueUpdate"];
            };
            /** @deprecated */
            Expected?: {
                [key: string]: components["schemas"]["ExpectedAttributeValue"];
            };
            /**
             * @deprecated
             * @enum {string}
             */
            ConditionalOperator?: "AND" | "OR";
            /** @enum {string} */
            ReturnValues?: "NONE" | "ALL_OLD" | "UPDATED_OLD" | "ALL_NEW" | "UPDATED_NEW";
            /** @enum {string} */
            ReturnConsumedCapacity?: "INDEXES" | "TOTAL" | "NONE";
            /** @enum {string} */
            ReturnItemCollectionMetrics?: "SIZE" | "NONE";
            UpdateExpression?: string;
            ConditionExpression?: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
            ExpressionAttributeValues?: {
                [key: string]: components["schemas"]["Value"];
            };
            /** @enum {string} */
            ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE";
            /** @description Applies it once. */
            ClientRequestToken?: string;
        };
        UpdateResult: {
            Attributes?: {
                [key: string]: components["schemas"]["Value"];
            };
            ConsumedCapacity?: components["schemas"]["ConsumedCapacity"];
            ItemCollectionMetrics?: components["schemas"]["ItemCollectionMetrics"];
            ResponseMetadata: components["schemas"]["ResponseMetadata"];
        };
        /** @description The parameters of [UpdateItem](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html). */
        UpdateTypedPayload: {
            Key: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            /** @deprecated */
            AttributeUpdates?: {
                [key: string]: components["schemas"]["TypedAttributeValueUpdate"];
            };
            /** @deprecated */
            Expected?: {
                [key: string]: components["schemas"]["TypedExpectedAttributeValue"];
            };
            /**
             * @deprecated
             * @enum {string}
             */
            ConditionalOperator?: "AND" | "OR";
            /** @enum {string} */
            ReturnValues?: "NONE" | "ALL_OLD" | "UPDATED_OLD" | "ALL_NEW" | "UPDATED_NEW";
            /** @enum {string} */
            ReturnConsumedCapacity?: "INDEXES" | "TOTAL" | "NONE";
            /** @enum {string} */
            ReturnItemCollectionMetrics?: "SIZE" | "NONE";
            UpdateExpression?: string;
            ConditionExpression?: string;
            ExpressionAttributeNames?: {
                [key: string]: string;
            };
            ExpressionAttributeValues?: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            /** @enum {string} */
            ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE";
            /** @description Applies it once. */
            ClientRequestToken?: string;
        };
        UpdateTypedResult: {
            Attributes?: {
                [key: string]: components["schemas"]["TypedValue"];
            };
            ConsumedCapacity?: components["schemas"]["ConsumedCapacity"];
            ItemCollectionMetrics?: components["schemas"]["TypedItemCollectionMetrics"];
            ResponseMetadata: components["schemas"]["ResponseMetadata"];
        };
        /** @description An attribute value as plain JSON. */
        Value: Value;
        VectorAttributeDefinition: {
            AttributeName: string;
        };
        VectorCapacity: {
            VectorSearchRequestBytes?: number;
            VectorWriteRequestBytes?: number;
        };
        VectorIndexDescription: {
            IndexName?: string;
            SearchSchema?: components["schemas"]["SearchSchemaElement"][];
            Projection?: components["schemas"]["Projection"];
            VectorAttribute?: components["schemas"]["VectorAttributeDefinition"];
            /** Format: int64 */
            Dimensions?: number;
            /** @enum {string} */
            DistanceFunction?: "COSINE" | "DOT_PRODUCT" | "EUCLIDEAN";
            /** @enum {string} */
            IndexStatus?: "CREATING" | "UPDATING" | "DELETING" | "ACTIVE";
            Backfilling?: boolean;
            /** Format: int64 */
            IndexSizeBytes?: number;
            /** Format: int64 */
            ItemCount?: number;
            IndexArn?: string;
        };
        WriteRequest: {
            PutRequest?: components["schemas"]["PutRequest"];
            DeleteRequest?: components["schemas"]["DeleteRequest"];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
