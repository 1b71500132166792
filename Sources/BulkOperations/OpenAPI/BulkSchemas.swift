import HTTPPipeline
import KeyConstructor
import Repositories
import Resources

/// The schemas of items and rows at a place.
struct BulkSchemas {
    let place: OperationPlace

    private var fields: FieldSet { place.resource.repository.fields }

    /// A row as clients read it.
    func row(_ components: inout OpenAPIComponents) -> KeyValue {
        components.reference(.schemas, "\(place.resource.name).row", at: place.name, fields.schema(for: .reading))
    }

    /// The fields that a write to selected rows sets.
    func changes(_ components: inout OpenAPIComponents) -> KeyValue {
        var schema = fields.schema(for: .partialWriting, supplied: place.boundFields)
        // Unlike that of a single row, the body has no key and no member that clients do not write.
        let readOnly = Set(fields.visible.filter { !$0.isWritable || $0.isKey }.map(\.name)).union(place.boundFields)
        schema = schema.editing("properties") { $0.removeAll { readOnly.contains($0.name) } }
        return components.reference(.schemas, "\(place.resource.name).changes", at: place.name, schema)
    }

    /// An item of an upsert.
    func upsertItem(_ components: inout OpenAPIComponents) -> KeyValue {
        let schema = withKey(fields.schema(for: .partialWriting, supplied: place.boundFields), isRequired: false)
        return components.reference(.schemas, "\(place.resource.name).upsert", at: place.name, schema)
    }

    /// An item of an operation.
    func item(of kind: OperationRequest.Kind, _ components: inout OpenAPIComponents) -> KeyValue {
        let name: String
        let schema: KeyValue
        switch kind {
        case .create: (name, schema) = ("create", fields.schema(for: .writing, supplied: place.boundFields))
        case .update:
            let partial = fields.schema(for: .partialWriting, supplied: place.boundFields)
            (name, schema) = ("update-item", versioned(withKey(partial, isRequired: true)))
        case .replace:
            let whole = fields.schema(for: .writing, supplied: place.boundFields)
            (name, schema) = ("replace-item", versioned(withKey(whole, isRequired: true)))
        case .delete, .get: return fields.key.schema(for: .writing)
        case .upsert: return upsertItem(&components)
        }
        return components.reference(.schemas, "\(place.resource.name).\(name)", at: place.name, schema)
    }

    /// An example of an item.
    func example(of kind: OperationRequest.Kind) -> KeyValue {
        switch kind {
        case .delete, .get: return fields.key.exampleValue.keyValue
        default:
            let members = fields.fields.filter { field in
                !place.boundFields.contains(field.name)
                    && (field.isKey ? kind != .create || field.isWritable : field.isWritable)
            }
            return .object(members.map { .init($0.name, $0.exampleValue.keyValue) })
        }
    }

    /// An example of a file of CSV with one item.
    func csvExample(of kind: OperationRequest.Kind) -> String {
        guard case .object(let members) = example(of: kind) else {
            return "\(fields.key.name)\n\(fields.key.exampleValue.csvText)\n"
        }
        let names = members.map(\.name)
        return names.joined(separator: ",") + "\n"
            + names.map { fields[$0]?.exampleValue.csvText ?? "" }.joined(separator: ",") + "\n"
    }

    private func withKey(_ schema: KeyValue, isRequired: Bool) -> KeyValue {
        let key = fields.key
        var result = schema.editing("properties") { members in
            members.removeAll { $0.name == key.name }
            members.insert(.init(key.name, key.schema(for: .writing)), at: 0)
        }
        guard isRequired, case .object(var members) = result else { return result }
        var required: [KeyValue] = [.string(key.name)]
        if let index = members.firstIndex(where: { $0.name == "required" }) {
            if case .array(let names) = members.remove(at: index).value {
                required += names.filter { $0 != required[0] }
            }
        }
        members.append(.init("required", .array(required)))
        result = .object(members)
        return result
    }

    private func versioned(_ schema: KeyValue) -> KeyValue {
        guard fields.version != nil else { return schema }
        return schema.editing("properties") {
            $0.append(.init("_version", ["type": "integer", "description": "The expected version of the row."]))
        }
    }
}

extension KeyValue {
    /// Returns an object with changes to the members of one of its members.
    fileprivate func editing(_ name: String, _ change: (inout [Member]) -> Void) -> KeyValue {
        guard case .object(var members) = self else { return self }
        for index in members.indices where members[index].name == name {
            guard case .object(var inner) = members[index].value else { continue }
            change(&inner)
            members[index].value = .object(inner)
        }
        return .object(members)
    }
}

extension RowValue {
    /// The value as a cell.
    fileprivate var csvText: String {
        switch self {
        case .text(let text):
            text.contains { [",", "\"", "\n"].contains($0) } ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .boolean(let flag): "\(flag)"
        default: ""
        }
    }
}
