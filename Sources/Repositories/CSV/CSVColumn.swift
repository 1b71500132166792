/// A column of a file.
struct CSVColumn: Sendable {
    /// The field, or nil for a column that is ignored.
    let member: RowMember?
    /// The index of the field in the rows.
    let index: Int
    let type: FieldType
    let check: CellCheck
    private let decimalSeparator: UInt8

    init(_ member: RowMember, column index: Int, _ options: CSVRowReader.Options) {
        self.init(
            member, index, member.field.type, CellCheck(member.field),
            UInt8(ascii: options.usesDecimalComma ? "," : "."))
    }

    private init(
        _ member: RowMember?, _ index: Int, _ type: FieldType, _ check: CellCheck, _ decimalSeparator: UInt8
    ) {
        (self.member, self.index, self.type, self.check, self.decimalSeparator) =
            (member, index, type, check, decimalSeparator)
    }

    /// A column that is ignored.
    static let ignored = CSVColumn(
        nil, 0, .text, CellCheck(FieldDescription(name: "_", type: .text)), UInt8(ascii: "."))

    /// Returns the value of a cell for a field that is not a text. Blanks around it are ignored.
    func value(of bytes: UnsafeRawBufferPointer, _ field: FieldDescription) -> FieldReading {
        let bytes = Self.trimmed(bytes)
        switch type {
        case .integer:
            return integer(of: bytes, field)
        case .number:
            guard let value = DecimalNumber.value(of: bytes, separator: decimalSeparator) else {
                return .problem(FieldMessage.invalid(.number))
            }
            return FieldReading(.number(value), field.problem(with: value))
        case .boolean:
            if Self.equals(bytes, "true") || Self.equals(bytes, "1") { return .cell(.boolean(true)) }
            if Self.equals(bytes, "false") || Self.equals(bytes, "0") { return .cell(.boolean(false)) }
            return .problem(FieldMessage.invalid(.boolean))
        case .text:
            return .problem(FieldMessage.invalid(.text))
        }
    }

    private func integer(of bytes: UnsafeRawBufferPointer, _ field: FieldDescription) -> FieldReading {
        let digits = bytes.first == UInt8(ascii: "-") ? bytes.dropFirst() : bytes[...]
        if !digits.isEmpty, digits.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) {
            return field.integer(ofDigits: bytes)
        }
        let isScientific =
            bytes.contains { $0 | 0x20 == UInt8(ascii: "e") }
            && DecimalNumber.value(of: bytes, separator: decimalSeparator) != nil
        return .problem(
            isScientific ? FieldMessage.scientificInteger : FieldMessage.invalid(.integer))
    }

    private static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var (start, end) = (0, bytes.count)
        while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start &+= 1 }
        while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end &-= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    /// Returns whether bytes are a lower-case text in any case, as spreadsheets write `TRUE`.
    private static func equals(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        bytes.count == text.utf8CodeUnitCount
            && bytes.indices.allSatisfy { bytes[$0] == text.utf8Start[$0] || bytes[$0] | 0x20 == text.utf8Start[$0] }
    }
}
