public import HTTPPipeline
public import KeyConstructor

/// JSON Schemas of OpenAPI 3.1.
extension FieldSet {
    /// What a representation is for.
    public enum SchemaPurpose: Sendable, Hashable, CaseIterable {
        /// The representation that a client reads.
        case reading
        /// The representation with which a client creates or replaces a row.
        case writing
        /// The representation with which a client sets some fields of a row.
        case partialWriting
    }

    /// Returns the schema of a representation. It has no other members than those of the fields.
    ///
    /// - Parameters:
    ///   - purpose: What the representation is for.
    ///   - names: The names of the fields of a representation for reading; nil for all that are visible.
    ///   - supplied: The names of the fields that the server supplies: a representation for writing cannot change them.
    /// - Returns: A JSON object.
    /// - Complexity: O(number of fields).
    public func schema(
        for purpose: SchemaPurpose, names: [String]? = nil, supplied: Set<String> = []
    ) -> KeyValue {
        let members =
            purpose == .reading
            ? visible.filter { names?.contains($0.name) ?? true }
            : fields.filter { $0.isWritable && !supplied.contains($0.name) }
        let required =
            switch purpose {
            case .reading: members
            case .writing: members.filter(\.isRequired)
            case .partialWriting: [FieldDescription]()
            }
        var properties: [KeyValue.Member] = members.map { .init($0.name, $0.schema(for: purpose)) }
        if purpose != .reading {
            // Members that clients do not write are ignored, so that a row can be written as it was read.
            properties += visible.filter { !$0.isWritable || supplied.contains($0.name) }
                .map { .init($0.name, ["readOnly": true]) }
        }
        var schema: [KeyValue.Member] = [
            .init("type", "object"), .init("properties", .object(properties)), .init("additionalProperties", false),
        ]
        if !required.isEmpty { schema.append(.init("required", .array(required.map { .string($0.name) }))) }
        return .object(schema)
    }

    /// The query parameters of the allowed filters, as a JSON array of parameter objects.
    public var filterParameters: KeyValue {
        .array(
            fields.flatMap { field in
                FilterOperators.suffixes.compactMap { name, filter -> KeyValue? in
                    guard field.filters.contains(filter), filter != .isNull || field.isOptional,
                        field.type == .text || FilterOperators.text.isDisjoint(with: filter)
                    else { return nil }
                    var members: [KeyValue.Member] = [
                        .init("name", .string(filter == .exact ? field.name : "\(field.name)__\(name)")),
                        .init("in", "query"), .init("schema", field.filterSchema(filter)),
                        .init("description", .string(field.filterDescription(filter))),
                    ]
                    if filter == .isIn || filter == .range {
                        members += [.init("style", "form"), .init("explode", false)]
                    }
                    return .object(members)
                }
            })
    }
}

extension FieldDescription {
    /// Returns the schema of the field's values, with an example.
    ///
    /// - Parameter purpose: What the representation with the field is for.
    /// - Returns: A JSON object.
    public func schema(for purpose: FieldSet.SchemaPurpose) -> KeyValue {
        var schema = type.schema
        if isOptional { schema[0].value = .array([schema[0].value, "null"]) }
        switch limits {
        case .none: break
        case .integers(let range):
            schema.removeAll { ["minimum", "maximum"].contains($0.name) }
            schema += [.init("minimum", .init(range.lowerBound)), .init("maximum", .init(range.upperBound))]
        case .numbers(let range):
            schema += [.init("minimum", .double(range.lowerBound)), .init("maximum", .double(range.upperBound))]
        case .lengths(let range):
            if range.lowerBound > 0 { schema.append(.init("minLength", .integer(range.lowerBound))) }
            schema.append(.init("maxLength", .integer(range.upperBound)))
        }
        if let choices {
            schema.append(.init("enum", .array(choices.map { .string($0) } + (isOptional ? [.null] : []))))
        }
        if purpose == .writing, let defaultValue { schema.append(.init("default", defaultValue.keyValue)) }
        if purpose == .reading, !isWritable { schema.append(.init("readOnly", true)) }
        if purpose != .reading, isWriteOnly { schema.append(.init("writeOnly", true)) }
        schema.append(.init("examples", .array([exampleValue.keyValue])))
        return .object(schema)
    }

    fileprivate func filterSchema(_ filter: FilterOperators) -> KeyValue {
        var value = type.schema
        switch filter {
        case .isNull: return .object(FieldType.boolean.schema)
        case .isIn, .range:
            if type == .text { value.append(.init("pattern", "^[^,]*$")) }
            let counts: [KeyValue.Member] =
                filter == .range
                ? [.init("minItems", 2), .init("maxItems", 2)] : []
            return .object([.init("type", "array"), .init("items", .object(value))] + counts)
        case .contains:
            value.append(.init("maxLength", .integer(Selection.maximumPatternByteCount)))
            return .object(value)
        default:
            value.append(.init("examples", .array([exampleValue.keyValue])))
            return .object(value)
        }
    }

    fileprivate func filterDescription(_ filter: FilterOperators) -> String {
        switch filter {
        case .isIn:
            "One of several values of \(name). All filters together have at most \(Selection.maximumTermCount) values."
        case .less: "Values of \(name) below this one."
        case .lessOrEqual: "Values of \(name) up to this one."
        case .greater: "Values of \(name) above this one."
        case .greaterOrEqual: "Values of \(name) from this one on."
        case .range: "Values of \(name) between two values, which are included."
        case .contains: "Values of \(name) that contain this text."
        case .startsWith: "Values of \(name) that begin with this text."
        case .endsWith: "Values of \(name) that end with this text."
        case .isNull: "Whether \(name) is null."
        default: "This value of \(name)."
        }
    }
}

extension FieldType {
    /// The members of the type's schema, of which the first one is the type.
    fileprivate var schema: [KeyValue.Member] {
        switch self {
        case .integer:
            [
                .init("type", "integer"), .init("format", "int64"), .init("minimum", .init(Int64.min)),
                .init("maximum", .init(Int64.max)),
            ]
        case .number: [.init("type", "number"), .init("format", "double")]
        case .boolean: [.init("type", "boolean")]
        case .text: [.init("type", "string")]
        }
    }
}

extension KeyValue {
    fileprivate init(_ value: Int64) {
        self = RowValue.integer(value).keyValue
    }
}
