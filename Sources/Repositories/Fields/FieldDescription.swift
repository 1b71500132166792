/// The properties of a field, without its Swift type.
public struct FieldDescription: Sendable {
    /// The name in representations, filters and errors.
    public let name: String

    /// The type of the values.
    public let type: FieldType

    /// The name of the column.
    public var column: String

    /// The values that the field allows.
    public var limits: FieldLimits = .none

    /// The texts that the field allows, or nil for all texts.
    public var choices: [String]?

    /// Whether the field identifies the row.
    public var isKey = false

    /// Returns the first version of a row, if the field counts the updates of the row; nil for any other field.
    public var firstVersion: (@Sendable () -> Int64)?

    /// Whether the field may be null.
    public var isOptional = false

    /// Whether the field is a column that no representation has.
    public var isHidden = false

    /// Whether clients cannot write the field.
    public var isReadOnly = false

    /// Whether clients can write the field but no representation has it.
    public var isWriteOnly = false

    /// Whether no two rows have the same value. Nulls are never the same.
    public var isUnique = false

    /// Whether clients may order by the field.
    public var isSorted = false

    /// The filters that clients may use.
    public var filters: FilterOperators = []

    /// The value of a new row for which none is given.
    public var defaultValue: RowValue?

    /// A value that descriptions show, or nil for one that is derived from the other properties.
    public var example: RowValue?

    /// The name of the table whose key the field has as its value.
    public var reference: String?

    /// How the server writes the field.
    public var computation: FieldComputation?

    init(name: String, type: FieldType, limits: FieldLimits = .none) {
        self.name = name
        self.type = type
        self.column = name
        self.limits = limits
    }

    /// Whether the field counts the updates of the row.
    public var isVersion: Bool { firstVersion != nil }

    /// Whether representations have the field.
    public var isVisible: Bool { !isHidden && !isWriteOnly }

    /// Whether clients write the field.
    public var isWritable: Bool { !isReadOnly && !isHidden && !isVersion && computation == nil }

    /// Whether a representation that creates a row must have the field.
    public var isRequired: Bool { isWritable && !isOptional && defaultValue == nil }
}

/// A field of any type, for the list of a ``FieldSet``.
public protocol FieldDeclaration: Sendable {
    /// The properties of the field.
    var description: FieldDescription { get }
}
