import HTTPPipeline
import HTTPTypes
import KeyConstructor
import Repositories

extension ResourceMount {
    /// Returns the path of extra actions with one name. What those of applications read and return is known to their handlers only.
    func extraPathItem(
        _ actions: [ExtraAction], onCollection isOnCollection: Bool, _ components: inout OpenAPIComponents
    ) -> KeyValue.Member {
        var members: [KeyValue.Member] = []
        // OpenAPI 3.1 has no operation for QUERY.
        for extra in actions where extra.action.method.rawValue != "QUERY" {
            let method = extra.action.method.rawValue.lowercased()
            let id = "\(name)-\(extra.name)" + (actions.count > 1 ? "-\(method)" : "")
            members.append(.init(method, operation(extra, id, &components)))
            guard extra.action.isReading else { continue }
            members.append(.init("head", operation(extra, id + "-head", isHead: true, &components)))
        }
        members.append(.init("options", optionsOperation(actions[0].name, &components)))
        let keys = pathParameters(onCollection: isOnCollection)
        if !keys.isEmpty { members.append(.init("parameters", .array(keys))) }
        return .init(template(onCollection: isOnCollection, actions[0].name), .object(members))
    }

    func operation(
        _ extra: ExtraAction, _ id: String, isHead: Bool = false, _ components: inout OpenAPIComponents
    ) -> KeyValue {
        if let describe = extra.describe {
            let place = OperationPlace(
                resource: resource, boundFields: Set(relation?.boundFields ?? []), name: name)
            let description = complete(describe(place, &components), of: extra)
            let known = parameters(of: extra.action, &components)
            let summary = isHead ? "The header fields of the response to GET" : description.summary
            return .object(
                common(id, summary, extra.action, &components)
                    + (isHead
                        ? components.headMembers(
                            of: description, at: name, parameters: known, headers: headers(of: extra))
                        : components.members(of: description, at: name, parameters: known, headers: headers(of: extra)))
            )
        }
        let place = extra.action.isOnCollection ? resource.name : "a row of \(resource.name)"
        var members = common(id, "\(extra.name) of \(place)", extra.action, &components)
        let own: [KeyValue] = extra.parameters.map {
            ["name": .string($0), "in": "query", "schema": ["type": "string"]]
        }
        let known = parameters(of: extra.action, &components)
        members.append(.init("parameters", .array(own + known)))
        if [.post, .put, .patch].contains(extra.action.method) {
            members.append(.init("requestBody", ["content": ["*/*": .object([])]]))
        }
        members.append(.init("responses", ["default": ["description": "The response of the action, or an error."]]))
        return .object(members)
    }

    /// The fields that the middleware of the resource may add to the responses of an action.
    private func headers(of extra: ExtraAction) -> [OpenAPIHeader] {
        let settings = resource.settings
        var headers: [OpenAPIHeader] = hasAccessRules ? [.cacheControl] : []
        // The collection has a tag and cached responses.
        if settings.conditions != nil, extra.action.isReading || extra.isOnItsPath {
            headers += extra.isOnItsPath && isDated(.list) ? [.eTag, .lastModified] : [.eTag]
        }
        if settings.caching?.actions.contains(.list) == true, extra.isOnItsPath { headers.append(.cacheStatus) }
        return headers
    }

    /// Adds the responses of the middleware of the resource.
    private func complete(_ description: OperationDescription, of extra: ExtraAction) -> OperationDescription {
        var description = description
        func add(_ error: ResourceError, _ text: String) {
            guard !description.failures.contains(where: { $0.status == error.status }) else { return }
            description.failures.append(.init(error.status, text, detail: error.detail))
        }
        if hasAccessRules {
            var unauthorized = OperationDescription.Failure(
                .unauthorized, "The action requires a user.", detail: ResourceError.unauthorized.detail)
            unauthorized.fields = [
                .init(.wwwAuthenticate, "The authentication scheme.", ["type": "string"])
            ]
            description.failures.append(unauthorized)
            add(.forbidden, "The user may not do this.")
        }
        if !ancestors.isEmpty || hasAccessRules {
            add(.notFound, "The path has the key of no row that the user may see.")
        }
        if resource.settings.conditions != nil {
            add(.changed, "A condition does not hold: the action has no representation that an If-Match could name.")
            if extra.action.isReading {
                description.responses.append(.init(304, "The client has the current representation."))
            }
        }
        for failure in OperationDescription.Failure.database
        where !description.failures.contains(where: { $0.status == failure.status }) {
            description.failures.append(failure)
        }
        return description
    }
}
