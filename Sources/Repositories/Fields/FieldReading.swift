/// What a reader made of a value for a field.
enum FieldReading {
    /// The cell for the value. The position of a text is that in its source or in the rows, as the reader says.
    case cell(Cell)
    /// A message about a value that the field does not allow.
    case problem(String)

    init(_ cell: Cell, _ problem: String?) {
        self = problem.map { .problem($0) } ?? .cell(cell)
    }
}

extension FieldDescription {
    /// Returns the integer of decimal digits after an optional minus, if the field allows it.
    ///
    /// - Complexity: O(number of digits).
    func integer(ofDigits bytes: UnsafeRawBufferPointer) -> FieldReading {
        let isNegative = bytes.first == UInt8(ascii: "-")
        var value: Int64 = 0
        var isTooLarge = false
        for byte in isNegative ? bytes.dropFirst() : bytes[...] {
            let (product, isProductTooLarge) = value.multipliedReportingOverflow(by: 10)
            let digit = Int64(byte &- UInt8(ascii: "0"))
            let (sum, isSumTooLarge) = product.addingReportingOverflow(isNegative ? -digit : digit)
            if isProductTooLarge || isSumTooLarge {
                isTooLarge = true
                break
            }
            value = sum
        }
        guard isTooLarge else { return FieldReading(.integer(value), problem(with: value)) }
        let nearest = isNegative ? Int64.min : Int64.max
        return .problem(
            problem(with: nearest)
                ?? (isNegative ? FieldMessage.tooSmall("\(nearest)") : FieldMessage.tooGreat("\(nearest)")))
    }
}
