import HTTPPipeline
import KeyConstructor

/// The parts that all descriptions share.
enum OpenAPISchemas {
    /// The schemas of errors.
    static let shared: [KeyValue.Member] = [
        .init(
            "Error",
            .object([
                .init("type", .string("object")),
                .init("properties", .object([.init("detail", type("string"))])),
                .init("required", .array([.string("detail")])),
            ])),
        .init(
            "FieldErrors",
            .object([
                .init("type", .string("object")),
                .init(
                    "additionalProperties",
                    .object([.init("type", .string("array")), .init("items", type("string"))])),
            ])),
        .init(
            "Problem",
            .object([
                .init("type", .string("object")),
                .init(
                    "properties",
                    .object([
                        .init("status", type("integer")), .init("title", type("string")),
                        .init("detail", type("string")), .init("errors", reference("FieldErrors")),
                    ])),
            ])),
    ]

    static func type(_ name: String) -> KeyValue { .object([.init("type", .string(name))]) }

    static func reference(_ schema: String) -> KeyValue {
        .object([.init("$ref", .string("#/components/schemas/\(schema)"))])
    }

    static func parameter(_ name: String, in place: String, _ schema: KeyValue, _ description: String? = nil)
        -> KeyValue
    {
        var members: [KeyValue.Member] = [
            .init("name", .string(name)), .init("in", .string(place)), .init("schema", schema),
        ]
        if place == "path" { members.append(.init("required", .bool(true))) }
        if let description { members.append(.init("description", .string(description))) }
        return .object(members)
    }

    static func header(_ description: String) -> KeyValue {
        .object([.init("description", .string(description)), .init("schema", type("string"))])
    }

    /// Returns a response with content of some media types.
    static func response(
        _ description: String, _ content: [(mediaType: String, schema: KeyValue)] = [],
        headers: [KeyValue.Member] = []
    ) -> KeyValue {
        var members: [KeyValue.Member] = [.init("description", .string(description))]
        if !content.isEmpty {
            members.append(
                .init("content", .object(content.map { .init($0.mediaType, .object([.init("schema", $0.schema)])) })))
        }
        if !headers.isEmpty { members.append(.init("headers", .object(headers))) }
        return .object(members)
    }

    /// Returns an error, in both forms.
    static func error(_ description: String, isOfFields: Bool = false) -> KeyValue {
        let schema: KeyValue =
            isOfFields
            ? .object([.init("anyOf", .array([reference("FieldErrors"), reference("Error")]))]) : reference("Error")
        return response(
            description,
            [("application/json", schema), ("application/problem+json", reference("Problem"))])
    }
}
