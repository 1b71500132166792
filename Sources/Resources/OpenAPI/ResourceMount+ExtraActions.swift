import HTTPPipeline
import HTTPTypes
import KeyConstructor
import Repositories

extension ResourceMount {
    /// Returns the path of extra actions with one name. What they read and return is known to their handlers only.
    func extraPathItem(_ actions: [ExtraAction], onCollection isOnCollection: Bool) -> KeyValue.Member {
        var members = actions.map { action in
            KeyValue.Member(action.action.method.rawValue.lowercased(), operation(action, among: actions))
        }
        let parameters = keyParameters(onCollection: isOnCollection)
        if !parameters.isEmpty { members.append(.init("parameters", .array(parameters))) }
        return .init(template(onCollection: isOnCollection, actions[0].name), .object(members))
    }

    private func operation(_ action: ExtraAction, among actions: [ExtraAction]) -> KeyValue {
        let method = action.action.method.rawValue.lowercased()
        let id = "\(name)-\(action.name)" + (actions.count > 1 ? "-\(method)" : "")
        var parameters = action.parameters.map {
            OpenAPISchemas.parameter($0, in: "query", OpenAPISchemas.type("string"))
        }
        if action.action.isOnCollection, case .array(let filters) = fields.filterParameters { parameters += filters }
        var members: [KeyValue.Member] = [
            .init("operationId", .string(id)), .init("tags", .array([.string(resource.name)])),
            .init("parameters", .array(parameters)),
        ]
        if [.post, .put, .patch].contains(action.action.method) {
            members.append(
                .init("requestBody", .object([.init("content", .object([.init("*/*", .object([]))]))])))
        }
        let responses: [KeyValue.Member] = [
            .init("400", OpenAPISchemas.error("A parameter or a field is invalid.", isOfFields: true)),
            .init("401", OpenAPISchemas.error("The action requires a user.")),
            .init("403", OpenAPISchemas.error("The action is not permitted.")),
            .init("404", OpenAPISchemas.error("There is no such row.")),
            .init("default", OpenAPISchemas.response("The response of the action.")),
        ]
        members.append(.init("responses", .object(responses)))
        return .object(members)
    }
}
