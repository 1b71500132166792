/// A field that a reader accepts, as a member of a JSON object or a column of CSV.
///
/// It is a class because readers use it for every value, and a description has many parts to copy.
final class RowMember: Sendable {
    let field: FieldDescription
    private let isRequired: Bool
    private let mayBeAbsent: Bool
    private let nameBytes: [UInt8]

    private init(_ field: FieldDescription, isRequired: Bool, mayBeAbsent: Bool) {
        self.field = field
        self.isRequired = isRequired
        self.mayBeAbsent = mayBeAbsent
        nameBytes = Array(field.name.utf8)
    }

    /// Returns the members for the fields that clients write.
    ///
    /// - Parameters:
    ///   - fields: The fields of the rows.
    ///   - isPartial: Whether members may be absent.
    ///   - readsKey: Whether each row has the key.
    ///   - suppliedFields: The names of fields that the server supplies where they are absent.
    /// - Returns: The members in the order of the fields.
    static func members(
        of fields: FieldSet, isPartial: Bool, readsKey: Bool, suppliedFields: Set<String>
    ) -> [RowMember] {
        fields.fields
            .filter { $0.isWritable || readsKey && $0.isKey }
            .map { field in
                let isSupplied = suppliedFields.contains(field.name)
                let isReadKey = field.isKey && readsKey
                return RowMember(
                    field, isRequired: (field.isRequired || isReadKey) && !isSupplied,
                    mayBeAbsent: isSupplied || isPartial && !isReadKey)
            }
    }

    /// The expected version of a row, which is no field.
    static let version = {
        var field = FieldDescription(name: "_version", type: .integer)
        field.isOptional = true
        return RowMember(field, isRequired: false, mayBeAbsent: true)
    }()

    var name: String { field.name }

    /// Returns whether a string in quotes without escapes, which begins at an index, is the name.
    func isNamed(in bytes: UnsafeRawBufferPointer, at index: Int) -> Bool {
        let end = index + nameBytes.count + 1
        return end < bytes.count && bytes[end] == UInt8(ascii: "\"")
            && UnsafeRawBufferPointer(rebasing: bytes[index + 1..<end]).elementsEqual(nameBytes)
    }

    /// Whether no row is valid without a value for the field.
    var isAlwaysRequired: Bool { !mayBeAbsent && (isRequired || field.defaultValue == nil && !field.isOptional) }

    /// Returns the cell of a row for which no value is given, or a message if a value is required.
    func missingCell(in rows: inout RowBatch) -> FieldReading {
        if mayBeAbsent { return .cell(.absent) }
        if isAlwaysRequired { return .problem(FieldMessage.required) }
        return .cell(field.defaultValue.map { rows.cell(for: $0) } ?? .null)
    }
}
