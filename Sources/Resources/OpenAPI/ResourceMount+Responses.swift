import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import Repositories

extension ResourceMount {
    /// Whether access rules apply to requests.
    var hasAccessRules: Bool {
        resource.settings.access != nil || ancestors.contains { $0.resource.settings.access != nil }
    }

    /// The responses of an action.
    func responses(of action: ResourceAction, _ components: inout OpenAPIComponents) -> [KeyValue.Member] {
        var responses = [success(of: action, &components)] + errors(of: action, &components)
        if action.isReading, resource.settings.conditions != nil {
            responses.append(.init("304", notModified(action, &components)))
        }
        return responses
    }

    /// The responses of HEAD. They have no body.
    func headResponses(of action: ResourceAction, _ components: inout OpenAPIComponents) -> [KeyValue.Member] {
        let headers = components.headers(headers(of: action))
        let refusal: KeyValue = [
            "description": "The header fields of the error of GET.",
            "headers": components.headers([.vary] + OpenAPIComponents.errorHeaders),
        ]
        var responses: [KeyValue.Member] = [
            .init("200", ["description": "The header fields of the response to GET.", "headers": headers]),
            .init("4XX", components.reference(.responses, "HeadError", refusal)),
        ]
        if resource.settings.conditions != nil { responses.append(.init("304", notModified(action, &components))) }
        if hasAccessRules {
            let response: KeyValue = [
                "description": "The action requires a user.",
                "headers": components.headers([.authenticate, .vary] + OpenAPIComponents.errorHeaders),
            ]
            responses.append(.init("401", components.reference(.responses, "HeadUnauthorized", response)))
        }
        return responses
    }

    private func notModified(_ action: ResourceAction, _ components: inout OpenAPIComponents) -> KeyValue {
        let headers = components.headers(headers(of: action))
        return ["description": "The client has the current representation.", "headers": headers]
    }

    /// The fields of successful responses.
    private func headers(of action: ResourceAction) -> [OpenAPIHeader] {
        let settings = resource.settings
        var headers: [OpenAPIHeader] = action == .destroy ? [] : [.vary]
        if settings.languages != nil, action != .destroy { headers.append(.contentLanguage) }
        if settings.conditions != nil, action.isReading || !action.isOnCollection {
            headers += isDated(action) ? [.eTag, .lastModified] : [.eTag]
        }
        if hasAccessRules || action != .destroy { headers.append(.cacheControl) }
        if settings.caching?.actions.contains(action.isOnCollection ? .list : .retrieve) == true {
            headers += action.isReading ? [.cacheStatus, .age] : [.cacheStatus]
        }
        if action == .list { headers.append(.link) }
        if action == .create { headers.append(.location) }
        return headers
    }

    // MARK: Success

    private func success(of action: ResourceAction, _ components: inout OpenAPIComponents) -> KeyValue.Member {
        let fields = components.headers(headers(of: action))
        guard action != .destroy else {
            return .init("204", ["description": "The row was removed.", "headers": fields])
        }
        let schema = action == .list ? pageSchema(&components) : rowSchema(of: action, &components)
        let description =
            switch action {
            case .list: "A page of rows."
            case .create: "The created row."
            default: "The row."
            }
        var response: [KeyValue.Member] = [
            .init("description", .string(description)), .init("headers", fields),
            .init(
                "content",
                [
                    "application/json": ["schema": schema],
                    "text/csv": ["schema": ["type": "string"], "example": .string(csvExample(of: action))],
                ]),
        ]
        if action == .create { response.append(.init("links", links)) }
        return .init(action == .create ? "201" : "200", .object(response))
    }

    /// The operations on a created row.
    private var links: KeyValue {
        let keys =
            ancestors.map { KeyValue.Member($0.parameter, .string("$request.path.\($0.parameter)")) }
            + [.init(parameter, .string("$response.body#/\(fields.key.name)"))]
        let actions = resource.settings.actions.filter { !$0.isOnCollection }
        return .object(
            actions.map { .init("\($0)", ["operationId": .string("\(name)-\($0)"), "parameters": .object(keys)]) })
    }

    // MARK: Errors

    private static var notAcceptable: ResourceError {
        do {
            _ = try formats.format(accept: nil, query: "?")
            return ResourceError(.notAcceptable, "")
        } catch {
            return ResourceError(.notAcceptable, "\(error)")
        }
    }

    private func errors(of action: ResourceAction, _ components: inout OpenAPIComponents) -> [KeyValue.Member] {
        let settings = resource.settings
        var responses: [KeyValue.Member] = []
        func add(_ error: ResourceError, _ name: String, _ description: String, _ headers: [OpenAPIHeader] = []) {
            responses.append(
                .init("\(error.status.code)", components.error(name, description, error, headers: headers)))
        }
        add(
            ResourceError(parameter: "name", "Unknown parameter."), "BadRequest",
            "A parameter or a field is invalid, or the body is not JSON.")
        if hasAccessRules {
            add(.unauthorized, "Unauthorized", "The action requires a user.", [.authenticate])
            add(.forbidden, "Forbidden", "The user may not do this.")
        }
        if !action.isOnCollection || !ancestors.isEmpty || hasAccessRules
            || action == .list && settings.pagination.style == .pages
        {
            add(.notFound, "NotFound", "There is no such row or page, or the user may not see it.")
        }
        add(Self.notAcceptable, "NotAcceptable", "No offered format is acceptable.")
        if action == .destroy { add(.referenced, "Conflict", "Other rows refer to the row.") }
        let isVersioned = fields.version != nil && !action.isReading && !action.isOnCollection
        if settings.conditions != nil || isVersioned {
            add(.changed, "PreconditionFailed", "A condition does not hold, or the row has changed.")
        }
        let requirements = settings.conditions?.requirements
        if !action.isOnCollection, let required = requirements?.fields[action.method]?.first {
            let refusal = ResourceError(
                .preconditionRequired, RequiredPreconditions.detail(action.method, required))
            if requirements?.refusal.status == refusal.status {
                add(refusal, "PreconditionRequired.\(action.method.rawValue)", "The request must have a condition.")
            } else if !hasAccessRules {
                add(.forbidden, "Forbidden", "The request must have a condition.")
            }
        }
        if action != .destroy, !action.isReading {
            add(.tooLarge(settings.maximumBodySize), "ContentTooLarge", "The body is too large.")
            add(.unsupported("text/plain"), "UnsupportedMediaType", "The media type of the body is not supported.")
        }
        add(.databaseFailure, "InternalServerError", "The database failed.")
        add(
            .databaseUnavailable, "ServiceUnavailable", "The database cannot be reached, or is too busy.",
            [.retryAfter])
        return responses
    }
}
