/// The typed description of a record's field, from which its column, filters, validation and schema derive.
///
/// ```swift
/// static let name = Field.text("name", 1...200).filtered([.equality, .prefix]).sorted()
/// static let population = Field.integer("population", 0...2_000_000_000).default(0).filtered(.order).sorted()
/// ```
///
/// The operators `==`, `!=`, `<`, `<=`, `>` and `>=` with a value make a ``Selection``.
public struct Field<Value: FieldValue>: FieldDeclaration {
    /// The properties of the field.
    public private(set) var description: FieldDescription

    /// The name in representations, filters and errors.
    public var name: String { description.name }

    private init(_ description: FieldDescription) {
        self.description = description
    }

    private func with(_ change: (inout FieldDescription) -> Void) -> Field {
        var field = self
        change(&field.description)
        return field
    }
}

// MARK: - Types

extension Field where Value == Int64 {
    /// Creates a field of integers.
    ///
    /// - Parameters:
    ///   - name: The name: ASCII letters, digits and underscores.
    ///   - range: The allowed integers, or nil for all.
    /// - Returns: The field.
    public static func integer(_ name: String, _ range: ClosedRange<Int64>? = nil) -> Field<Int64> {
        Field(FieldDescription(name: name, type: .integer, limits: range.map { .integers($0) } ?? .none))
    }

    /// Makes the field the version of its row, which every update increments. Clients cannot write it.
    ///
    /// - Parameter first: Returns the version of a new row. By default it is the time in microseconds since 1970, so a row that is created
    ///   again under the same key has other versions than the one that was deleted. It is called once for all rows of a write.
    /// - Returns: The field as the version.
    public func version(startingAt first: (@Sendable () -> Int64)? = nil) -> Field {
        with {
            $0.firstVersion = first ?? { FirstVersion.next() }
            $0.isReadOnly = true
        }
    }
}

extension Field where Value == Double {
    /// Creates a field of finite numbers.
    ///
    /// - Parameters:
    ///   - name: The name: ASCII letters, digits and underscores.
    ///   - range: The allowed numbers, or nil for all.
    /// - Returns: The field.
    public static func number(_ name: String, _ range: ClosedRange<Double>? = nil) -> Field<Double> {
        Field(FieldDescription(name: name, type: .number, limits: range.map { .numbers($0) } ?? .none))
    }
}

extension Field where Value == Bool {
    /// Creates a field of Booleans.
    ///
    /// - Parameter name: The name: ASCII letters, digits and underscores.
    /// - Returns: The field.
    public static func boolean(_ name: String) -> Field<Bool> {
        Field(FieldDescription(name: name, type: .boolean))
    }
}

extension Field where Value == String {
    /// Creates a field of texts.
    ///
    /// - Parameters:
    ///   - name: The name: ASCII letters, digits and underscores.
    ///   - length: The allowed numbers of Unicode scalars, or nil for all.
    /// - Returns: The field.
    public static func text(_ name: String, _ length: ClosedRange<Int>? = nil) -> Field<String> {
        Field(FieldDescription(name: name, type: .text, limits: length.map { .lengths($0) } ?? .none))
    }

    /// Allows only some texts.
    public func oneOf(_ choices: [String]) -> Field {
        with { $0.choices = choices }
    }
}

// MARK: - Properties

extension Field {
    /// Makes the field the key of its set.
    ///
    /// - Parameter isWrittenByClients: Whether clients give a new row its key. Otherwise the repository assigns it, and
    ///   the field is read-only.
    /// - Returns: The field as the key.
    public func key(writtenByClients isWrittenByClients: Bool = false) -> Field {
        with {
            $0.isKey = true
            $0.isReadOnly = !isWrittenByClients
        }
    }

    /// Allows null, which is also the value of a new row for which none is given.
    public func optional() -> Field {
        with { $0.isOptional = true }
    }

    /// Sets the value of a new row for which none is given.
    public func `default`(_ value: Value) -> Field {
        with { $0.defaultValue = value.rowValue }
    }

    /// Sets a value that descriptions of the field show. Without one it is a choice, the default or a value within the limits.
    public func example(_ value: Value) -> Field {
        with { $0.example = value.rowValue }
    }

    /// Allows clients some filters.
    public func filtered(_ filters: FilterOperators) -> Field {
        with { $0.filters.formUnion(filters) }
    }

    /// Allows clients to order by the field.
    public func sorted() -> Field {
        with { $0.isSorted = true }
    }

    /// Keeps clients from writing the field. Representations have it.
    public func readOnly() -> Field {
        with { $0.isReadOnly = true }
    }

    /// Keeps the field out of representations. Clients can write it.
    public func writeOnly() -> Field {
        with { $0.isWriteOnly = true }
    }

    /// Makes the field a column that clients can neither read nor write.
    public func hidden() -> Field {
        with { $0.isHidden = true }
    }

    /// Declares that no two rows have the same value. The table needs a unique index on the column.
    public func unique() -> Field {
        with { $0.isUnique = true }
    }

    /// Sets the name of the column where it differs from the name of the field.
    public func column(_ name: String) -> Field {
        with { $0.column = name }
    }

    /// Declares that the values are keys of another table.
    public func references(_ table: String) -> Field {
        with { $0.reference = table }
    }

    /// Has the server write the field whenever another field is written.
    ///
    /// - Parameters:
    ///   - source: The other field. Where it is null, this field is null.
    ///   - compute: Returns the value for a value of the other field.
    /// - Returns: The field, read-only for clients.
    public func computed<Source: FieldValue>(
        from source: Field<Source>, _ compute: @escaping @Sendable (Source) -> Value
    ) -> Field {
        with {
            $0.isReadOnly = true
            $0.computation = .source(source.name) { Source(rowValue: $0).map { compute($0).rowValue } ?? .null }
        }
    }

    /// Has the server write the field whenever a row is created, updated or replaced.
    public func onWrite(_ compute: @escaping @Sendable () -> Value) -> Field {
        with {
            $0.isReadOnly = true
            $0.computation = .everyWrite { compute().rowValue }
        }
    }

    /// Has the server write the field when a row is created.
    public func onCreate(_ compute: @escaping @Sendable () -> Value) -> Field {
        with {
            $0.isReadOnly = true
            $0.computation = .creation { compute().rowValue }
        }
    }
}
