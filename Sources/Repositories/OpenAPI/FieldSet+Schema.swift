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

    /// Returns the schema of a representation.
    ///
    /// - Parameter purpose: What the representation is for.
    /// - Returns: A JSON object.
    /// - Complexity: O(number of fields).
    public func schema(for purpose: SchemaPurpose) -> KeyValue {
        let members = purpose == .reading ? visible : fields.filter(\.isWritable)
        let required =
            switch purpose {
            case .reading: members
            case .writing: members.filter(\.isRequired)
            case .partialWriting: [FieldDescription]()
            }
        var schema: [KeyValue.Member] = [
            .init("type", .string("object")),
            .init("properties", .object(members.map { .init($0.name, $0.schema(for: purpose)) })),
        ]
        if !required.isEmpty { schema.append(.init("required", .array(required.map { .string($0.name) }))) }
        return .object(schema)
    }

    /// The query parameters of the allowed filters, as a JSON array of parameter objects.
    public var filterParameters: KeyValue {
        .array(
            fields.flatMap { field in
                FilterOperators.suffixes.compactMap { name, filter in
                    guard field.filters.contains(filter), filter != .isNull || field.isOptional,
                        field.type == .text || FilterOperators.text.isDisjoint(with: filter)
                    else { return nil }
                    return .object([
                        .init("name", .string(filter == .exact ? field.name : "\(field.name)__\(name)")),
                        .init("in", .string("query")), .init("schema", field.filterSchema(filter)),
                    ])
                }
            })
    }
}

extension FieldDescription {
    /// Returns the schema of the field's values.
    ///
    /// - Parameter purpose: What the representation with the field is for.
    /// - Returns: A JSON object.
    public func schema(for purpose: FieldSet.SchemaPurpose) -> KeyValue {
        var schema = type.schema
        if isOptional { schema[0].value = .array([schema[0].value, .string("null")]) }
        switch limits {
        case .none: break
        case .integers(let range):
            schema.append(.init("minimum", .init(range.lowerBound)))
            schema.append(.init("maximum", .init(range.upperBound)))
        case .numbers(let range):
            schema.append(.init("minimum", .double(range.lowerBound)))
            schema.append(.init("maximum", .double(range.upperBound)))
        case .lengths(let range):
            if range.lowerBound > 0 { schema.append(.init("minLength", .integer(range.lowerBound))) }
            schema.append(.init("maxLength", .integer(range.upperBound)))
        }
        if let choices {
            schema.append(.init("enum", .array(choices.map { .string($0) } + (isOptional ? [.null] : []))))
        }
        if purpose == .writing, let defaultValue { schema.append(.init("default", defaultValue.keyValue)) }
        if purpose == .reading, !isWritable { schema.append(.init("readOnly", .bool(true))) }
        if purpose != .reading, isWriteOnly { schema.append(.init("writeOnly", .bool(true))) }
        return .object(schema)
    }

    fileprivate func filterSchema(_ filter: FilterOperators) -> KeyValue {
        switch filter {
        case .isNull: .object(FieldType.boolean.schema)
        case .isIn, .range:
            .object([
                .init("type", .string("string")), .init("description", .string("Values separated by commas.")),
            ])
        default: .object(type.schema)
        }
    }
}

extension FieldType {
    /// The members of the type's schema, of which the first one is the type.
    fileprivate var schema: [KeyValue.Member] {
        switch self {
        case .integer: [.init("type", .string("integer")), .init("format", .string("int64"))]
        case .number: [.init("type", .string("number")), .init("format", .string("double"))]
        case .boolean: [.init("type", .string("boolean"))]
        case .text: [.init("type", .string("string"))]
        }
    }
}

extension KeyValue {
    fileprivate init(_ value: Int64) {
        self = RowValue.integer(value).keyValue
    }
}
