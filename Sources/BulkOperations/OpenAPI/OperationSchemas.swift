import HTTPPipeline
import KeyConstructor
import Resources

/// The schemas of what routes of operations respond with.
enum OperationSchemas {
    static let count: KeyValue = ["type": "integer", "minimum": 0]
    static let number: KeyValue = ["type": "number", "minimum": 0]
    static let flag: KeyValue = ["type": "boolean"]
    static let text: KeyValue = ["type": "string"]
    static let path: KeyValue = ["type": "string", "format": "uri-reference"]
    static let names: KeyValue = ["type": "array", "items": ["type": "string"]]
    static let keys: KeyValue = ["type": "array", "items": ["type": ["integer", "string"]]]
    static let identifier: KeyValue = ["type": "string", "format": "uuid"]
    static let states: KeyValue = [
        "type": "string",
        "enum": .array(BulkOperation.State.visible.map { .string($0.status) }),
    ]

    /// Returns the schema of an object.
    static func object(_ required: [KeyValue.Member], optional: [KeyValue.Member] = []) -> KeyValue {
        [
            "type": "object", "properties": .object(required + optional),
            "required": .array(required.map { .string($0.name) }), "additionalProperties": false,
        ]
    }

    /// The body of a response with 202.
    static func acceptance(_ components: inout OpenAPIComponents) -> KeyValue {
        components.reference(
            .schemas, "OperationAccepted",
            object(
                [
                    .init("message", text), .init("task_id", identifier), .init("total_items", count),
                    .init("status_url", path),
                ],
                optional: [
                    .init("source_file", text), .init("unique_fields", names), .init("update_fields", names),
                    .init("is_async", flag), .init("dry_run", flag),
                ]))
    }

    /// The status of an operation.
    static func status(_ components: inout OpenAPIComponents) -> KeyValue {
        let result: KeyValue = ["anyOf": [writeResult(&components), readResult(&components)]]
        let members = summary(&components) + [.init("result", result)]
        return components.reference(.schemas, "OperationStatus", object(members, optional: [reason]))
    }

    /// The status of an operation in a list and in events.
    static func entry(_ components: inout OpenAPIComponents) -> KeyValue {
        let members =
            summary(&components) + [
                .init("resource", text), .init("operation_type", text), .init("status_url", path),
                .init("success_count", count), .init("error_count", count),
            ]
        return components.reference(.schemas, "OperationEntry", object(members, optional: [reason]))
    }

    /// The failure of an item in a status and in results, or the item of another outcome in results.
    static func item(_ components: inout OpenAPIComponents) -> KeyValue {
        let errors: KeyValue = [
            "type": "object", "description": "The problems of each field.",
            "additionalProperties": ["type": "array", "items": ["type": "string"]],
        ]
        return components.reference(
            .schemas, "OperationItem",
            object(
                [.init("index", count), .init("data", ["description": "The item as it was sent."])],
                optional: [
                    .init("line", ["type": "integer", "minimum": 1]), .init("code", text), .init("error", errors),
                    .init(
                        "outcome", ["type": "string", "enum": ["created", "updated", "unchanged", "deleted", "read"]]),
                    .init("id", ["type": ["integer", "string"]]),
                ]))
    }

    /// A page of a list.
    static func page(of item: KeyValue) -> KeyValue {
        object([
            .init("next", ["type": ["string", "null"], "format": "uri-reference"]),
            .init("results", ["type": "array", "items": item]),
        ])
    }

    // MARK: Parts

    private static let reason = KeyValue.Member(
        "reason",
        ["type": "string", "enum": .array(BulkOperation.Reason.allCases.map { .string($0.rawValue) })])

    private static func summary(_ components: inout OpenAPIComponents) -> [KeyValue.Member] {
        let progress = components.reference(
            .schemas, "OperationProgress",
            object(
                [
                    .init("current", count), .init("total", count),
                    .init("percentage", ["type": "number", "minimum": 0, "maximum": 100]),
                ], optional: [.init("rate", number), .init("remaining_seconds", number)]))
        return [
            .init("task_id", identifier),
            .init(
                "state",
                ["type": "string", "enum": ["PENDING", "PROGRESS", "RETRY", "SUCCESS", "FAILURE", "REVOKED"]]),
            .init(
                "status",
                [
                    "type": "string",
                    "enum": [
                        "pending", "in_progress", "retrying", "cancelling", "completed", "failed", "cancelled",
                    ],
                ]),
            .init("message", text), .init("progress", progress), .init("dry_run", flag), .init("cancellable", flag),
        ]
    }

    private static func writeResult(_ components: inout OpenAPIComponents) -> KeyValue {
        let item = item(&components)
        let counts = [
            "total_items", "success_count", "error_count", "created_count", "updated_count", "unchanged_count",
            "deleted_count", "unprocessed_count",
        ]
        return components.reference(
            .schemas, "OperationResult",
            object(
                [.init("task_id", identifier), .init("operation_type", text)] + counts.map { .init($0, count) } + [
                    .init("errors", ["type": "array", "items": item]), .init("created_ids", keys),
                    .init("updated_ids", keys), .init("deleted_ids", keys), .init("results_url", path),
                ]))
    }

    private static func readResult(_ components: inout OpenAPIComponents) -> KeyValue {
        components.reference(
            .schemas, "OperationRows",
            object([
                .init("task_id", identifier), .init("operation_type", text), .init("count", count),
                .init("error_count", count), .init("results", ["type": "array", "items": ["type": "object"]]),
                .init("success", flag),
            ]))
    }
}
