import HTTPPipeline
import HTTPTypes
import KeyConstructor
import Repositories

extension ResourceMount {
    /// Returns the path of extra actions with one name. What they read and return is known to their handlers only.
    func extraPathItem(
        _ actions: [ExtraAction], onCollection isOnCollection: Bool, _ components: inout OpenAPIComponents
    ) -> KeyValue.Member {
        var members: [KeyValue.Member] = []
        for extra in actions {
            let method = extra.action.method.rawValue.lowercased()
            let id = "\(name)-\(extra.name)" + (actions.count > 1 ? "-\(method)" : "")
            members.append(.init(method, operation(extra, id, &components)))
            if extra.action.isReading { members.append(.init("head", operation(extra, id + "-head", &components))) }
        }
        members.append(.init("options", optionsOperation(actions[0].name, &components)))
        let keys = pathParameters(onCollection: isOnCollection)
        if !keys.isEmpty { members.append(.init("parameters", .array(keys))) }
        return .init(template(onCollection: isOnCollection, actions[0].name), .object(members))
    }

    func operation(_ extra: ExtraAction, _ id: String, _ components: inout OpenAPIComponents) -> KeyValue {
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
}
