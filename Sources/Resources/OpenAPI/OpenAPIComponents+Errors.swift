import HTTPPipeline
import HTTPTypes
import KeyConstructor
import Repositories

extension OpenAPIComponents {
    /// Returns a reference to the response with an error, in the form of Django REST framework and as problem details.
    ///
    /// - Parameters:
    ///   - name: The name of the response.
    ///   - description: When it is sent.
    ///   - example: An error of the status.
    ///   - headers: The fields that it has besides those of every error.
    /// - Returns: The reference.
    mutating func error(
        _ name: String, _ description: String, _ example: ResourceError, headers: [OpenAPIHeader] = []
    ) -> KeyValue {
        let plain = reference(.schemas, "Error", Self.plainError)
        let fields = reference(.schemas, "FieldErrors", Self.fieldErrors)
        let problem = reference(.schemas, "Problem", Self.problem(fields))
        let schema: KeyValue = example.errors == nil ? plain : ["anyOf": .array([plain, fields])]
        let content: KeyValue = [
            "application/json": ["schema": schema, "example": example.plainExample],
            "application/problem+json": ["schema": problem, "example": example.problemExample],
        ]
        let all = self.headers(headers + [.vary] + Self.errorHeaders)
        return reference(
            .responses, name, ["description": .string(description), "content": content, "headers": all])
    }

    /// The fields that an error may have: the tag with which a condition was compared, and what the cache and the rules add.
    static let errorHeaders: [OpenAPIHeader] = [.eTag, .cacheControl, .cacheStatus]

    static let plainError: KeyValue = [
        "type": "object", "properties": ["detail": ["type": "string"]], "required": ["detail"],
        "additionalProperties": false,
    ]

    static let fieldErrors: KeyValue = [
        "type": "object", "description": "The problems of each field or parameter.",
        "additionalProperties": ["type": "array", "items": ["type": "string"], "minItems": 1],
    ]

    static func problem(_ fields: KeyValue) -> KeyValue {
        [
            "type": "object", "description": "Problem details (RFC 9457).",
            "properties": [
                "status": ["type": "integer"], "title": ["type": "string"], "detail": ["type": "string"],
                "errors": fields,
            ],
            "required": ["status", "title", "detail"], "additionalProperties": false,
        ]
    }
}

extension ResourceError {
    fileprivate var plainExample: KeyValue { errors?.keyValue ?? ["detail": .string(detail)] }

    fileprivate var problemExample: KeyValue {
        var members: [KeyValue.Member] = [
            .init("status", .integer(status.code)), .init("title", .string(status.reasonPhrase)),
            .init("detail", .string(detail)),
        ]
        if let errors { members.append(.init("errors", errors.keyValue)) }
        return .object(members)
    }
}

extension FieldErrors {
    fileprivate var keyValue: KeyValue {
        .object(entries.map { .init($0.field, .array($0.messages.map { .string($0) })) })
    }
}
