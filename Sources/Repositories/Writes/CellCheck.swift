/// The quick check of the cells of a field, which allows most valid cells without counting characters.
///
/// It has no references, so it is used for every cell of a batch without counting them.
struct CellCheck {
    private let type: FieldType
    private let isOptional: Bool
    private let integers: ClosedRange<Int64>
    private let numbers: ClosedRange<Double>
    /// The lengths of UTF-8 that are allowed for certain.
    private let byteCounts: ClosedRange<Int>?

    init(_ field: FieldDescription) {
        type = field.type
        isOptional = field.isOptional
        integers = if case .integers(let range) = field.limits { range } else { .min ... .max }
        numbers =
            if case .numbers(let range) = field.limits {
                range
            } else {
                -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
            }
        // A character has one to four bytes.
        byteCounts =
            switch field.limits {
            case _ where field.choices != nil: nil
            case .lengths(let range):
                Self.byteCounts(range)
            default: 0 ... .max
            }
    }

    private static func byteCounts(_ lengths: ClosedRange<Int>) -> ClosedRange<Int>? {
        let (lower, isTooLarge) = lengths.lowerBound.multipliedReportingOverflow(by: 4)
        // One character more than none is one byte more than none.
        let least = lengths.lowerBound <= 1 ? lengths.lowerBound : lower
        return isTooLarge || least > lengths.upperBound ? nil : least...lengths.upperBound
    }

    /// Returns whether a cell is allowed. False says that it has to be checked completely.
    func allows(_ cell: Cell, in text: UnsafeRawBufferPointer) -> Bool {
        switch (cell, type) {
        case (.absent, _): true
        case (.null, _): isOptional
        case (.integer(let value), .integer): integers.contains(value)
        case (.number(let value), .number): numbers.contains(value)
        case (.boolean, .boolean): true
        case (.text(let offset, let length), .text):
            byteCounts.map { $0.contains(Int(length)) } == true
                && !ByteSearch.contains(0, in: UnsafeRawBufferPointer(rebasing: text[offset..<offset + Int(length)]))
        default: false
        }
    }
}
