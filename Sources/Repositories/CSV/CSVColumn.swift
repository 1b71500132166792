import HTTPSemantics

/// A column of a file.
///
/// It is a class because it is used for every cell, and one reference is less to count than its parts.
final class CSVColumn: Sendable {
    /// The field, or nil for a column that is ignored.
    let member: RowMember?
    /// The index of the field in the rows.
    let index: Int
    let type: FieldType
    let check: CellCheck
    private let decimalSeparator: UInt8

    convenience init(_ member: RowMember, column index: Int, _ options: CSVRowReader.Options) {
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
        let bytes = UnsafeRawBufferPointer(rebasing: bytes.trimmingSpaces)
        switch type {
        case .integer:
            return integer(of: bytes, field)
        case .number:
            guard let value = DecimalNumber.value(of: bytes, separator: decimalSeparator) else {
                return .problem(FieldMessage.invalid(.number))
            }
            return FieldReading(.number(value), field.problem(with: value))
        case .boolean:
            // In any case, as spreadsheets write them.
            if bytes.equalsIgnoringCase("true") || bytes.elementsEqual("1".utf8) { return .cell(.boolean(true)) }
            if bytes.equalsIgnoringCase("false") || bytes.elementsEqual("0".utf8) { return .cell(.boolean(false)) }
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
}
