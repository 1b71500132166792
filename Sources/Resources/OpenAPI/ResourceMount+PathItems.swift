import HTTPPipeline
import HTTPTypes
import KeyConstructor
import Repositories

extension ResourceMount {
    /// This place among the routes, and all below it.
    var withDescendants: [ResourceMount] { [self] + children.flatMap(\.withDescendants) }

    /// Returns the paths of the collection and of single rows.
    func pathItems(_ components: inout OpenAPIComponents) -> [KeyValue.Member] {
        [true, false].flatMap { isOnCollection in
            [pathItem(onCollection: isOnCollection, &components)].compactMap(\.self)
                + extraActions(onCollection: isOnCollection).map {
                    extraPathItem($0, onCollection: isOnCollection, &components)
                }
        }
    }

    private func pathItem(
        onCollection isOnCollection: Bool, _ components: inout OpenAPIComponents
    ) -> KeyValue.Member? {
        let actions = actions(onCollection: isOnCollection).sorted { $0.description < $1.description }
        let extras = isOnCollection ? collectionActions : []
        guard !actions.isEmpty || !extras.isEmpty else { return nil }
        var members: [KeyValue.Member] = []
        for action in actions {
            members.append(.init(action.method.rawValue.lowercased(), operation(action, &components)))
            if action.isReading { members.append(.init("head", headOperation(action, &components))) }
        }
        for extra in extras {
            let method = extra.action.method.rawValue.lowercased()
            members.append(.init(method, operation(extra, "\(name)-\(extra.name)", &components)))
        }
        members.append(.init("options", optionsOperation(isOnCollection ? "list" : "detail", &components)))
        let keys = pathParameters(onCollection: isOnCollection)
        if !keys.isEmpty { members.append(.init("parameters", .array(keys))) }
        return .init(template(onCollection: isOnCollection), .object(members))
    }

    private func operation(_ action: ResourceAction, _ components: inout OpenAPIComponents) -> KeyValue {
        var members = common("\(name)-\(action)", summary(of: action), action, &components)
        members += [
            .init("parameters", .array(parameters(of: action, &components))),
            .init("responses", .object(responses(of: action, &components))),
        ]
        if let body = requestBody(of: action, &components) { members.append(.init("requestBody", body)) }
        return .object(members)
    }

    private func headOperation(_ action: ResourceAction, _ components: inout OpenAPIComponents) -> KeyValue {
        let summary = "The header fields of the response to GET"
        return .object(
            common("\(name)-\(action)-head", summary, action, &components) + [
                .init("parameters", .array(parameters(of: action, &components))),
                .init("responses", .object(headResponses(of: action, &components))),
            ])
    }

    func optionsOperation(_ route: String, _ components: inout OpenAPIComponents) -> KeyValue {
        components.optionsOperation("\(name)-\(route)-options", tag: resource.name)
    }

    /// The members that operations for an action have in common.
    func common(
        _ id: String, _ summary: String, _ action: ResourceAction, _ components: inout OpenAPIComponents
    ) -> [KeyValue.Member] {
        var members: [KeyValue.Member] = [
            .init("operationId", .string(id)), .init("summary", .string(summary)),
            .init("tags", [.string(resource.name)]),
        ]
        if hasAccessRules {
            // The rule decides which requests need a user.
            members.append(.init("security", components.userSecurity()))
        }
        return members
    }

    private func summary(of action: ResourceAction) -> String {
        let place = ancestors.last.map { " of a row of \($0.resource.name)" } ?? ""
        let row = "a row of \(resource.name)"
        return switch action {
        case .list: "List \(resource.name)\(place)"
        case .create: "Create \(row)\(place.isEmpty ? "" : " in \(ancestors.last?.resource.name ?? "")")"
        case .retrieve: "Read \(row)"
        case .update: "Replace \(row)"
        case .partialUpdate: "Update fields of \(row)"
        case .destroy: "Delete \(row)"
        default: "\(action)"
        }
    }
}
