/// The fields of a record and the table that stores it: the one description from which columns, reading, writing,
/// validation, filters and schemas derive.
///
/// ```swift
/// static let all = FieldSet("cities", id, name, country, population)
/// ```
public struct FieldSet: Sendable {
    /// The name of the table.
    public let table: String

    /// The name of the table or view that rows are read from: ``table``, unless ``reading(from:)`` selects another one.
    public private(set) var source: String

    /// The fields in the order of their declaration.
    public let fields: [FieldDescription]

    /// The groups of field names whose values no two rows have in common. Rows with a null in a group have none in
    /// common.
    public private(set) var uniqueGroups: [[String]]

    /// The index of the key in ``fields``.
    public let keyIndex: Int

    /// The index of the version in ``fields``, or nil without one.
    public let versionIndex: Int?

    /// The fields that representations have, in the order of their declaration.
    public let visible: [FieldDescription]

    /// The names of the visible fields.
    let visibleNames: [String]

    private let indexes: [String: Int]

    /// Creates a set of fields.
    ///
    /// A mistake in the declaration stops the program with a message that names the set and the field: no key or two keys,
    /// two versions, two fields with one name or column, an invalid name, a default outside of the limits, or a computation
    /// from a field that the set does not have.
    ///
    /// - Parameters:
    ///   - table: The name of the table: ASCII letters, digits and underscores.
    ///   - fields: The fields.
    public init(_ table: String, _ fields: any FieldDeclaration...) {
        self.init(table, fields: fields.map(\.description))
    }

    /// Creates a set from the descriptions of its fields. Mistakes stop the program as in ``init(_:_:)``.
    public init(_ table: String, fields: [FieldDescription]) {
        if let mistake = Self.mistake(table: table, fields: fields) { fatalError(mistake) }
        self.table = table
        source = table
        self.fields = fields
        // A set without mistakes has a key.
        keyIndex = fields.firstIndex(where: \.isKey) ?? 0
        versionIndex = fields.firstIndex(where: \.isVersion)
        visible = fields.filter(\.isVisible)
        visibleNames = visible.map(\.name)
        indexes = Dictionary(fields.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        uniqueGroups = fields.filter { $0.isKey || $0.isUnique }.map { [$0.name] }
    }

    /// Returns the set with another group of fields whose values no two rows have in common. The table needs a unique
    /// index on their columns.
    ///
    /// A name that the set does not have stops the program.
    public func unique(_ names: String...) -> FieldSet {
        for name in names where self[name] == nil {
            fatalError("FieldSet \"\(table)\": the unique group has an unknown field \"\(name)\"")
        }
        var fields = self
        fields.uniqueGroups.append(names)
        return fields
    }

    /// Returns the set with a view that rows are read from, for example one that joins the names of other tables. Writes go to
    /// the table.
    ///
    /// The view has one row for each row of the table, with the columns of all fields. A field that only the view has is read-only. The
    /// version of a row counts writes to the table; if what the view joins changes, a trigger has to increment it too.
    /// An invalid name stops the program.
    ///
    /// - Parameter view: The name of the view: ASCII letters, digits and underscores.
    /// - Returns: The set.
    public func reading(from view: String) -> FieldSet {
        if !Self.isIdentifier(view) { fatalError("FieldSet \"\(table)\": the name of the view is not an identifier") }
        var fields = self
        fields.source = view
        return fields
    }

    /// The field that identifies a row.
    public var key: FieldDescription { fields[keyIndex] }

    /// The field that counts the updates of a row, or nil without one.
    public var version: FieldDescription? { versionIndex.map { fields[$0] } }

    /// Returns the field with a name, or nil if there is none.
    ///
    /// - Complexity: O(1).
    public subscript(name: String) -> FieldDescription? {
        indexes[name].map { fields[$0] }
    }

    /// Returns the index of the field with a name, or nil if there is none.
    ///
    /// - Complexity: O(1).
    public func index(of name: String) -> Int? {
        indexes[name]
    }
}
