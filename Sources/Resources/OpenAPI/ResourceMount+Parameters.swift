import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import Repositories

extension ResourceMount {
    /// The keys in the paths of the collection or of a row.
    func pathParameters(onCollection isOnCollection: Bool) -> [KeyValue] {
        var keys = ancestors.map { ($0.parameter, $0.resource.repository.fields, $0.resource.name) }
        if !isOnCollection { keys.append((parameter, fields, resource.name)) }
        return keys.map { name, fields, resource in
            [
                "name": .string(name), "in": "path", "required": true, "schema": fields.key.schema(for: .writing),
                "description": .string("The key of a row of \(resource): \(fields.key.name)."),
            ]
        }
    }

    /// Returns references to the query parameters and header fields of an action.
    func parameters(of action: ResourceAction, _ components: inout OpenAPIComponents) -> [KeyValue] {
        let settings = resource.settings
        var references: [KeyValue] = []
        if action.isFiltered {
            if case .array(let filters) = fields.filterParameters {
                for filter in filters {
                    let reference = components.reference(
                        .parameters, "\(resource.name).\(filter.memberText("name"))", at: name, filter)
                    references.append(reference)
                }
            }
            references.append(
                components.reference(.parameters, "\(resource.name).ordering", at: name, orderingParameter))
        }
        for parameter in RequestParameter.allCases where parameter.isAllowed(for: action, settings) {
            let description = description(of: parameter, for: action)
            references.append(components.reference(.parameters, description.name, at: name, description.parameter))
        }
        if let languages = settings.languages?.negotiation.offered, action != .destroy {
            let parameter: KeyValue = [
                "name": "Accept-Language", "in": "header",
                "description": .string("The language of the rows: \(languages.joined(separator: " or "))."),
                "schema": ["type": "string", "examples": .array(languages.map { .string($0) })],
            ]
            references.append(components.reference(.parameters, "Accept-Language", at: name, parameter))
        }
        if let conditions = settings.conditions {
            for field in conditionFields(of: action, conditions.requirements) {
                let isRequired =
                    !action.isOnCollection && conditions.requirements.fields[action.method]?.contains(field) == true
                references.append(
                    components.reference(
                        .parameters, field.rawName + (isRequired ? ".required" : ""),
                        Self.condition(field, isRequired: isRequired)))
            }
        }
        return references
    }

    /// The conditions that requests for an action have: those that are required, and the usual one.
    private func conditionFields(
        of action: ResourceAction, _ requirements: RequiredPreconditions
    ) -> [HTTPField.Name] {
        if action.isReading {
            return isDated(action) ? [.ifNoneMatch, .ifModifiedSince] : [.ifNoneMatch]
        }
        guard !action.isOnCollection, !action.isExtra else { return [] }
        let required = requirements.fields[action.method] ?? []
        return required.contains(.ifMatch) ? required : required + [.ifMatch]
    }

    private static func condition(_ field: HTTPField.Name, isRequired: Bool) -> KeyValue {
        var schema: [KeyValue.Member] = [.init("type", "string")]
        let description: String
        if [.ifMatch, .ifNoneMatch].contains(field) {
            let effect = field == .ifMatch ? "one" : "none"
            description = "The representation must have \(effect) of these entity tags; `*` stands for any."
            schema.append(.init("examples", [.string(OpenAPIHeader.exampleTag)]))
        } else {
            description = "A date that the time of the last change is compared with."
        }
        if isRequired { schema.append(.init("minLength", 1)) }
        return [
            "name": .string(field.rawName), "in": "header", "required": .bool(isRequired),
            "description": .string(description), "schema": .object(schema),
        ]
    }

    private var orderingParameter: KeyValue {
        let names = fields.fields.filter { $0.isSorted || $0.isKey }.map(\.name)
        return Self.list(
            "ordering", of: names.flatMap { [$0, "-\($0)"] },
            "The order of the rows by fields; with a minus in front, descending.")
    }

    private static func list(_ name: String, of choices: [String], _ description: String) -> KeyValue {
        [
            "name": .string(name), "in": "query", "style": "form", "explode": false,
            "description": .string(description),
            "schema": [
                "type": "array", "minItems": 1,
                "items": ["type": "string", "enum": .array(choices.map { .string($0) })],
            ],
        ]
    }

    private func description(
        of parameter: RequestParameter, for action: ResourceAction
    ) -> (name: String, parameter: KeyValue) {
        let pagination = resource.settings.pagination
        let schema: KeyValue
        let text: String
        // The name of the part of the document, unless all resources share it.
        var name = "\(resource.name).\(parameter.rawValue)"
        switch parameter {
        case .fields:
            let names = representedFields(of: action)
            if action == .list, names != representedFields(of: .retrieve) { name += ".list" }
            return (name, Self.list(parameter.rawValue, of: names, "The fields in the response."))
        case .format:
            schema = [
                "type": "string", "enum": .array(Self.formats.offered.map { .string($0.name) }),
            ]
            (name, text) = (parameter.rawValue, "The format of the response, instead of that of Accept.")
        case .search:
            schema = ["type": "string", "maxLength": .integer(Selection.maximumPatternByteCount)]
            text = "A text that \(resource.settings.searchFields.joined(separator: " or ")) contains."
        case .page:
            schema = ["type": "integer", "minimum": 1, "maximum": .integer(RequestParameter.maximumPage)]
            (name, text) = (parameter.rawValue, "The number of the page.")
        case .pageSize:
            schema = [
                "anyOf": [
                    ["type": "integer", "minimum": 1, "maximum": .integer(.max)], ["type": "string", "const": "max"],
                ],
                "default": .integer(pagination.size),
            ]
            text =
                "The number of rows of a page; more than \(pagination.maximum), and `max`, mean \(pagination.maximum)."
        case .cursor:
            schema = [
                "type": "string", "pattern": "^[A-Za-z0-9_-]+$", "maxLength": .integer(PageCursor.maximumByteCount),
            ]
            (name, text) = (parameter.rawValue, "The position from the link of another page.")
        case .count:
            schema = ["type": "boolean", "default": false]
            (name, text) = (parameter.rawValue, "Whether all rows are counted.")
        }
        return (
            name,
            [
                "name": .string(parameter.rawValue), "in": "query", "description": .string(text), "schema": schema,
            ]
        )
    }
}

extension KeyValue {
    /// The text that a member of an object is.
    fileprivate func memberText(_ name: String) -> String {
        guard case .object(let members) = self,
            case .string(let text)? = members.first(where: { $0.name == name })?.value
        else { return "" }
        return text
    }
}
