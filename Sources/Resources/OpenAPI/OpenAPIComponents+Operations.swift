import HTTPPipeline
import HTTPTypes
import KeyConstructor

extension OpenAPIComponents {
    /// Returns the members of an operation after those that all operations have: parameters, body and responses.
    ///
    /// - Parameters:
    ///   - description: The operation.
    ///   - place: The place among the routes, which distinguishes different parts with the same name.
    ///   - parameters: Further parameters.
    ///   - headers: The fields that every response may have.
    /// - Returns: The members.
    mutating func members(
        of description: OperationDescription, at place: String, parameters: [KeyValue] = [],
        headers: [OpenAPIHeader] = []
    ) -> [KeyValue.Member] {
        var members: [KeyValue.Member] = []
        if !description.text.isEmpty { members.append(.init("description", .string(description.text))) }
        let own = description.parameters.map { parameter($0, at: place) }
        members.append(.init("parameters", .array(own + parameters)))
        if let body = description.body {
            members.append(
                .init(
                    "requestBody",
                    [
                        "required": true, "description": .string(body.text), "content": content(body.contents),
                        "x-max-bytes": .integer(body.maximumByteCount),
                    ]))
        }
        var responses = description.responses.map { response in
            KeyValue.Member("\(response.status)", self.response(response, headers))
        }
        responses += description.failures.map { .init("\($0.status.code)", failure($0)) }
        return members + [.init("responses", .object(responses))]
    }

    /// Returns the members of HEAD: the parameters of GET, and its responses without bodies.
    mutating func headMembers(
        of description: OperationDescription, at place: String, parameters: [KeyValue] = [],
        headers: [OpenAPIHeader] = []
    ) -> [KeyValue.Member] {
        let own = description.parameters.map { parameter($0, at: place) }
        var responses = description.responses.map { response in
            var head = response
            (head.contents, head.links) = ([], nil)
            for index in head.fields.indices { head.fields[index].isRequired = false }
            return KeyValue.Member("\(response.status)", self.response(head, headers))
        }
        let refusal: KeyValue = [
            "description": "The header fields of the error of GET.",
            "headers": self.headers([.vary] + Self.errorHeaders),
        ]
        responses.append(.init("4XX", reference(.responses, "HeadError", refusal)))
        for failure in description.failures where !failure.fields.isEmpty {
            responses.append(
                .init(
                    "\(failure.status.code)",
                    [
                        "description": .string(failure.text),
                        "headers": fields(failure.fields, [.vary] + Self.errorHeaders),
                    ]))
        }
        return [.init("parameters", .array(own + parameters)), .init("responses", .object(responses))]
    }

    // MARK: Requests

    private mutating func parameter(_ parameter: OperationDescription.Parameter, at place: String) -> KeyValue {
        var members: [KeyValue.Member] = [
            .init("name", .string(parameter.name)), .init("in", parameter.isHeaderField ? "header" : "query"),
            .init("description", .string(parameter.text)), .init("schema", parameter.schema),
        ]
        if parameter.isRequired { members.append(.init("required", true)) }
        if case .object(let schema) = parameter.schema, schema.contains(where: { $0.value == "array" }) {
            members += [.init("style", "form"), .init("explode", false)]
        }
        return reference(.parameters, parameter.name, at: place, .object(members))
    }

    private func content(_ contents: [OperationDescription.Content]) -> KeyValue {
        .object(
            contents.map { content in
                var media: [KeyValue.Member] = [.init("schema", content.schema)]
                if let example = content.example { media.append(.init("example", example)) }
                return .init(content.mediaType, .object(media))
            })
    }

    // MARK: Responses

    private mutating func response(
        _ response: OperationDescription.Response, _ headers: [OpenAPIHeader]
    ) -> KeyValue {
        var members: [KeyValue.Member] = [
            .init("description", .string(response.text)), .init("headers", fields(response.fields, headers)),
        ]
        if !response.contents.isEmpty { members.append(.init("content", content(response.contents))) }
        if let links = response.links { members.append(.init("links", links)) }
        return .object(members)
    }

    private mutating func fields(
        _ fields: [OperationDescription.HeaderField], _ headers: [OpenAPIHeader]
    ) -> KeyValue {
        var fields = fields
        if !fields.contains(where: { $0.name == OpenAPIHeader.vary.rawValue }), !headers.contains(.vary) {
            // Middleware around the operation adds it, for example compression.
            fields.append(
                .init(
                    .vary, "The fields of requests that select the representation.", ["type": "string"],
                    isRequired: false))
        }
        let own = fields.map { field in
            var header: [KeyValue.Member] = [
                .init("description", .string(field.text)), .init("schema", field.schema),
            ]
            if field.isRequired { header.append(.init("required", true)) }
            let name = field.name + (field.isRequired ? "" : ".optional")
            return KeyValue.Member(field.name, reference(.headers, name, .object(header)))
        }
        let names = Set(own.map(\.name))
        return .object(
            own
                + headers.filter { !names.contains($0.rawValue) }.map {
                    .init($0.rawValue, reference(.headers, $0.rawValue, $0.header))
                })
    }

    private mutating func failure(_ failure: OperationDescription.Failure) -> KeyValue {
        let fieldErrors = reference(.schemas, "FieldErrors", Self.fieldErrors)
        var problem = Self.problem(fieldErrors)
        var plain = reference(.schemas, "Error", Self.plainError)
        var examples: [KeyValue.Member] = [.init("detail", .string(failure.detail))]
        if failure.members.isEmpty {
            problem = reference(.schemas, "Problem", problem)
        } else {
            plain = Self.object(
                [.init("detail", ["type": "string"])], required: ["detail"], and: failure.members)
            problem = Self.object(
                [
                    .init("status", ["type": "integer"]), .init("title", ["type": "string"]),
                    .init("detail", ["type": "string"]), .init("errors", fieldErrors),
                ], required: ["status", "title", "detail"], and: failure.members)
        }
        let alternatives = [plain] + (failure.hasFieldErrors ? [fieldErrors] : []) + failure.others
        var problemExample = examples
        problemExample.insert(.init("status", .integer(failure.status.code)), at: 0)
        problemExample.insert(.init("title", .string(failure.status.reasonPhrase)), at: 1)
        examples.removeAll { $0.value == "" }
        let content: KeyValue = [
            "application/json": [
                "schema": alternatives.count == 1 ? plain : ["anyOf": .array(alternatives)],
                "example": .object(examples),
            ],
            "application/problem+json": ["schema": problem, "example": .object(problemExample)],
        ]
        var own = failure.fields
        if !failure.others.isEmpty, !own.contains(where: { $0.name == HTTPField.Name.vary.rawName }) {
            // A body that is no error does not depend on Accept.
            own.append(
                .init(
                    .vary, "The fields of requests that select the representation.", ["type": "string"],
                    isRequired: false))
        }
        return [
            "description": .string(failure.text), "content": content,
            "headers": fields(own, [.vary] + Self.errorHeaders),
        ]
    }

    private static func object(
        _ members: [KeyValue.Member], required: [KeyValue], and others: [KeyValue.Member]
    ) -> KeyValue {
        [
            "type": "object", "properties": .object(members + others), "required": .array(required),
            "additionalProperties": false,
        ]
    }
}

extension OpenAPIComponents {
    /// Returns the path of a description, with HEAD for GET and with OPTIONS.
    mutating func pathItem(_ path: PathDescription) -> KeyValue.Member {
        var members: [KeyValue.Member] = []
        let security = userSecurity()
        func common(_ id: String, _ summary: String) -> [KeyValue.Member] {
            [
                .init("operationId", .string(id)), .init("summary", .string(summary)),
                .init("tags", [.string(path.tag)]), .init("security", security),
            ]
        }
        for (method, id, description) in path.operations {
            let operation = common(id, description.summary) + self.members(of: description, at: id)
            members.append(.init(method.rawValue.lowercased(), .object(operation)))
            guard method == .get else { continue }
            let head = common(id + "-head", "The header fields of the response to GET")
            members.append(.init("head", .object(head + headMembers(of: description, at: id))))
        }
        let options = optionsOperation((path.operations.first?.id ?? path.tag) + "-options", tag: path.tag)
        members.append(.init("options", options))
        if !path.parameters.isEmpty { members.append(.init("parameters", .array(path.parameters))) }
        return .init(path.template, .object(members))
    }

    /// Returns the requirement of operations for which a rule decides whether they need a user.
    mutating func userSecurity() -> KeyValue {
        let scheme = ResourceError.unauthorized.headerFields[.wwwAuthenticate] ?? ""
        _ = reference(.securitySchemes, "user", ["type": "http", "scheme": .string(scheme.lowercased())])
        return [.object([]), ["user": []]]
    }

    /// Returns the operation that lists the methods of a path.
    mutating func optionsOperation(_ id: String, tag: String) -> KeyValue {
        let response: KeyValue = ["description": "The methods of the path.", "headers": headers([.allow])]
        return [
            "operationId": .string(id), "summary": "The methods of the path", "tags": [.string(tag)],
            "responses": ["204": reference(.responses, "Options", response)],
        ]
    }
}
