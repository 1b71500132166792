import HTTPPipeline
import HTTPTypes
import KeyConstructor
import Repositories

extension ResourceMount {
    /// This place among the routes, and all below it.
    var withDescendants: [ResourceMount] { [self] + children.flatMap(\.withDescendants) }

    /// The name of the schema of a row.
    var schemaName: String { resource.name.replacing("/", with: ".") }

    /// The schemas of the rows, for reading and for writing.
    var schemas: [KeyValue.Member] {
        [
            .init(schemaName, representation(fields.schema(for: .reading))),
            .init("\(schemaName).write", fields.schema(for: .writing)),
            .init("\(schemaName).patch", fields.schema(for: .partialWriting)),
        ]
    }

    /// The schema of a row with its URL. Requests select fields, so none is required.
    private func representation(_ schema: KeyValue) -> KeyValue {
        guard case .object(var members) = schema else { return schema }
        members.removeAll { $0.name == "required" }
        guard let member = resource.settings.uriMember else { return .object(members) }
        for index in members.indices where members[index].name == "properties" {
            guard case .object(let properties) = members[index].value else { continue }
            let uri = KeyValue.object([
                .init("type", .string("string")), .init("format", .string("uri-reference")),
                .init("readOnly", .bool(true)),
            ])
            members[index].value = .object(properties + [.init(member, uri)])
        }
        return .object(members)
    }

    /// The paths of the collection and of single rows.
    var pathItems: [KeyValue.Member] {
        [pathItem(onCollection: true), pathItem(onCollection: false)].compactMap(\.self)
            + [true, false].flatMap { isOnCollection in
                extraActions(onCollection: isOnCollection).map { extraPathItem($0, onCollection: isOnCollection) }
            }
    }

    private func pathItem(onCollection isOnCollection: Bool) -> KeyValue.Member? {
        let actions = actions.filter { $0.isOnCollection == isOnCollection }
            .sorted { $0.description < $1.description }
        guard !actions.isEmpty else { return nil }
        let parameters = keyParameters(onCollection: isOnCollection)
        var members = actions.map { action in
            KeyValue.Member(action.method.rawValue.lowercased(), operation(action))
        }
        if !parameters.isEmpty { members.append(.init("parameters", .array(parameters))) }
        return .init(template(onCollection: isOnCollection), .object(members))
    }

    func keyParameters(onCollection isOnCollection: Bool) -> [KeyValue] {
        ancestors.map { keyParameter($0.parameter, $0.resource.repository.fields) }
            + (isOnCollection ? [] : [keyParameter(parameter, fields)])
    }

    private func keyParameter(_ name: String, _ fields: FieldSet) -> KeyValue {
        OpenAPISchemas.parameter(name, in: "path", fields.key.schema(for: .writing))
    }

    private func operation(_ action: ResourceAction) -> KeyValue {
        var members: [KeyValue.Member] = [
            .init("operationId", .string("\(name)-\(action)")), .init("tags", .array([.string(resource.name)])),
            .init("parameters", .array(parameters(of: action))),
            .init("responses", .object(responses(of: action))),
        ]
        if let schema = bodySchema(of: action) {
            var types = ["application/json"]
            if action == .partialUpdate { types.append("application/merge-patch+json") }
            members.append(
                .init(
                    "requestBody",
                    .object([
                        .init("required", .bool(true)),
                        .init(
                            "content",
                            .object(
                                types.map {
                                    .init($0, .object([.init("schema", OpenAPISchemas.reference(schema))]))
                                })),
                    ])))
        }
        return .object(members)
    }

    private func bodySchema(of action: ResourceAction) -> String? {
        switch action {
        case .create, .update: "\(schemaName).write"
        case .partialUpdate: "\(schemaName).patch"
        default: nil
        }
    }

    // MARK: Parameters

    private func parameters(of action: ResourceAction) -> [KeyValue] {
        let text = OpenAPISchemas.type("string")
        let settings = resource.settings
        var parameters: [KeyValue] = []
        func add(_ name: String, _ schema: KeyValue, _ description: String) {
            parameters.append(OpenAPISchemas.parameter(name, in: "query", schema, description))
        }
        if action.isReading {
            add("fields", text, "The names of the fields in the response, separated by commas.")
            let formats = KeyValue.object([
                .init("type", .string("string")), .init("enum", .array([.string("json"), .string("csv")])),
            ])
            add("format", formats, "The format, instead of that of Accept.")
        }
        if action == .list {
            if case .array(let filters) = fields.filterParameters { parameters += filters }
            let sorted = fields.fields.filter { $0.isSorted || $0.isKey }.map(\.name)
            add(
                "ordering", text,
                "Names of fields, separated by commas; with a minus in front, descending: \(sorted.joined(separator: ", "))."
            )
            if !settings.searchFields.isEmpty { add("search", text, "A text that a field contains.") }
            add("page_size", text, "The number of rows, up to \(settings.pagination.maximum), or `max`.")
            if settings.pagination.style == .cursor {
                add("cursor", text, "The position from a link of another page.")
                add("count", OpenAPISchemas.type("boolean"), "Whether all rows are counted.")
            } else {
                let number = KeyValue.object([.init("type", .string("integer")), .init("minimum", .integer(1))])
                add("page", number, "The number of the page.")
            }
        }
        if settings.conditions != nil, !action.isOnCollection || action == .list {
            for name in action.isReading ? ["If-None-Match"] : ["If-Match"] {
                parameters.append(OpenAPISchemas.parameter(name, in: "header", text, "An entity tag."))
            }
        }
        return parameters
    }

    // MARK: Responses

    private func responses(of action: ResourceAction) -> [KeyValue.Member] {
        let settings = resource.settings
        let row = OpenAPISchemas.reference(schemaName)
        let csv = OpenAPISchemas.type("string")
        var responses: [KeyValue.Member] = []
        func add(_ status: Int, _ response: KeyValue) { responses.append(.init("\(status)", response)) }
        let tag: [KeyValue.Member] =
            settings.conditions == nil ? [] : [.init("ETag", OpenAPISchemas.header("The entity tag."))]
        switch action {
        case .list:
            let link: [KeyValue.Member] = [.init("Link", OpenAPISchemas.header("The next and the previous page."))]
            add(
                200,
                OpenAPISchemas.response(
                    "A page of rows.", [("application/json", page(of: row)), ("text/csv", csv)], headers: tag + link))
        case .create:
            let location: [KeyValue.Member] = [.init("Location", OpenAPISchemas.header("The path of the row."))]
            add(
                201,
                OpenAPISchemas.response(
                    "The created row.", [("application/json", row), ("text/csv", csv)], headers: location))
        case .destroy: add(204, OpenAPISchemas.response("The row was removed."))
        default:
            add(
                200,
                OpenAPISchemas.response("The row.", [("application/json", row), ("text/csv", csv)], headers: tag))
        }
        add(400, OpenAPISchemas.error("A parameter or a field is invalid.", isOfFields: true))
        if settings.access != nil || ancestors.contains(where: { $0.resource.settings.access != nil }) {
            add(401, OpenAPISchemas.error("The action requires a user."))
            add(403, OpenAPISchemas.error("The action is not permitted."))
        }
        add(404, OpenAPISchemas.error("There is no such row."))
        add(406, OpenAPISchemas.error("No offered format is acceptable."))
        if settings.conditions != nil, !action.isOnCollection || action == .list {
            if action.isReading { add(304, OpenAPISchemas.response("The representation is current.")) }
            add(412, OpenAPISchemas.error("The row has changed."))
            if !action.isReading { add(428, OpenAPISchemas.error("The request must be conditional.")) }
        }
        if action == .destroy { add(409, OpenAPISchemas.error("Other rows refer to the row.")) }
        if bodySchema(of: action) != nil {
            add(413, OpenAPISchemas.error("The body has more than \(settings.maximumBodySize) bytes."))
            add(415, OpenAPISchemas.error("The media type is not supported."))
        }
        return responses
    }

    private func page(of row: KeyValue) -> KeyValue {
        let link = KeyValue.object([.init("type", .array([.string("string"), .string("null")]))])
        return .object([
            .init("type", .string("object")),
            .init(
                "properties",
                .object([
                    .init("count", OpenAPISchemas.type("integer")), .init("next", link), .init("previous", link),
                    .init("results", .object([.init("type", .string("array")), .init("items", row)])),
                ])),
            .init("required", .array([.string("next"), .string("previous"), .string("results")])),
        ])
    }
}
