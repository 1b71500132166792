/// A field as a member of a JSON object.
///
/// It is a class because readers use it for every value, and a description has many parts to copy.
final class RowMember: Sendable {
    let field: FieldDescription
    let isRequired: Bool
    private let nameBytes: [UInt8]

    init(_ field: FieldDescription, isRequired: Bool) {
        self.field = field
        self.isRequired = isRequired
        nameBytes = Array(field.name.utf8)
    }

    var name: String { field.name }

    /// Returns whether a string in quotes without escapes, which begins at an index, is the name.
    func isNamed(in bytes: UnsafeRawBufferPointer, at index: Int) -> Bool {
        let end = index + nameBytes.count + 1
        return end < bytes.count && bytes[end] == UInt8(ascii: "\"")
            && UnsafeRawBufferPointer(rebasing: bytes[index + 1..<end]).elementsEqual(nameBytes)
    }

    /// The cell of a new row for which no value is given, or nil if a value is required.
    func defaultCell(in rows: inout RowBatch) -> Cell? {
        if let value = field.defaultValue { return rows.cell(for: value) }
        return field.isOptional ? .null : nil
    }
}
