import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import Repositories

extension ResourceMount {
    /// The names of the fields in representations of an action.
    func representedFields(of action: ResourceAction) -> [String] {
        let settings = resource.settings
        let names = action == .list ? settings.listFields : settings.detailFields ?? settings.listFields
        return names ?? fields.visible.map(\.name)
    }

    /// Returns a reference to the schema of a row that an action responds with. Requests select fields, so no member is required.
    func rowSchema(of action: ResourceAction, _ components: inout OpenAPIComponents) -> KeyValue {
        let settings = resource.settings
        var schema = fields.schema(for: .reading, names: representedFields(of: action)).removing("required")
        if let member = settings.uriMember {
            let example = "/\(resource.name)/\(fields.key.exampleValue.pathText)"
            let uri: KeyValue = [
                "type": "string", "format": "uri-reference", "readOnly": true, "examples": [.string(example)],
                "description": "The URL of the row.",
            ]
            schema = schema.adding(member, uri, to: "properties")
        }
        let isSummary = action == .list && representedFields(of: .list) != representedFields(of: .retrieve)
        return components.reference(.schemas, resource.name + (isSummary ? ".list" : ""), at: name, schema)
    }

    /// Returns a reference to the schema of a page.
    func pageSchema(_ components: inout OpenAPIComponents) -> KeyValue {
        let row = rowSchema(of: .list, &components)
        let isCursor = resource.settings.pagination.style == .cursor
        let link: KeyValue = ["type": ["string", "null"], "format": "uri-reference"]
        let maximum = resource.settings.pagination.maximum
        let page: KeyValue = [
            "type": "object",
            "properties": [
                "count": ["type": "integer", "minimum": 0, "description": "The number of rows on all pages."],
                "next": link, "previous": link,
                "results": ["type": "array", "items": row, "maxItems": .integer(maximum)],
            ],
            "required": isCursor
                ? ["next", "previous", "results"] : ["count", "next", "previous", "results"],
            "additionalProperties": false,
        ]
        return components.reference(.schemas, "\(resource.name).page", at: name, page)
    }

    /// Returns the description of the body of an action, or nil if it has none.
    func requestBody(of action: ResourceAction, _ components: inout OpenAPIComponents) -> KeyValue? {
        let types: [String]
        let suffix: String
        switch action {
        case .create: (types, suffix) = (WriteHandler.mediaTypes, "create")
        case .update: (types, suffix) = (WriteHandler.mediaTypes, "update")
        case .partialUpdate: (types, suffix) = (WriteHandler.partialMediaTypes, "patch")
        default: return nil
        }
        let supplied = WriteHandler.suppliedFields(
            fields, bound: relation?.boundFields ?? [], hasKey: !action.isOnCollection)
        var schema = fields.schema(
            for: action == .partialUpdate ? .partialWriting : .writing, supplied: supplied)
        if let member = resource.settings.uriMember {
            schema = schema.adding(member, ["readOnly": true], to: "properties")
        }
        let reference = components.reference(.schemas, "\(resource.name).\(suffix)", at: name, schema)
        let media: KeyValue = ["schema": reference, "example": example(of: action)]
        return [
            "required": true, "content": .object(types.map { .init($0, media) }),
            "description": .string("At most \(resource.settings.maximumBodySize) bytes."),
        ]
    }

    /// An example of the body of an action. One that sets some fields sets the last one.
    private func example(of action: ResourceAction) -> KeyValue {
        let bound = relation?.boundFields ?? []
        var members = fields.fields.filter {
            $0.isWritable && !bound.contains($0.name) && (!$0.isKey || action == .create)
        }
        if action == .partialUpdate { members = Array(members.suffix(1)) }
        return .object(members.map { .init($0.name, $0.exampleValue.keyValue) })
    }

    /// An example of rows as CSV.
    func csvExample(of action: ResourceAction) -> String {
        let names = representedFields(of: action)
        var rows = RowBatch(columns: names)
        for name in names { rows.append(fields[name]?.exampleValue ?? .null) }
        var buffer = ByteBuffer()
        let writer = CSVRowWriter(fields, names: names)
        writer.writeHeader(to: &buffer)
        writer.write(rows, to: &buffer)
        return String(buffer: buffer)
    }
}

extension KeyValue {
    /// Returns an object without a member.
    fileprivate func removing(_ name: String) -> KeyValue {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { $0.name != name })
    }

    /// Returns an object with a further member in the object that one of its members is.
    fileprivate func adding(_ name: String, _ value: KeyValue, to outer: String) -> KeyValue {
        guard case .object(var members) = self else { return self }
        for index in members.indices where members[index].name == outer {
            guard case .object(let inner) = members[index].value else { continue }
            members[index].value = .object(inner + [.init(name, value)])
        }
        return .object(members)
    }
}
