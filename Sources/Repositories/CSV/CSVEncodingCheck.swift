import HTTPSemantics

/// Rejects files of which many of the first rows are not UTF-8.
struct CSVEncodingCheck: Sendable {
    /// The number of first rows of which only some may have another encoding.
    static let examinedRowCount = 100
    /// The maximum number of those rows with another encoding.
    private static let invalidRowCount = 10

    private var invalidCount = 0

    /// Counts a row that is not UTF-8.
    ///
    /// - Parameter index: The index of the row in the file.
    /// - Throws: ``CSVError/invalidEncoding``.
    mutating func noteInvalidRow(_ index: Int) throws(CSVError) {
        guard index < Self.examinedRowCount else { return }
        invalidCount += 1
        if invalidCount > Self.invalidRowCount { throw CSVError.invalidEncoding }
    }

    /// Returns the index of the first byte that is not UTF-8.
    static func malformedIndex(in bytes: UnsafeRawBufferPointer) -> Int? {
        var index = 0
        while let next = ByteSearch.firstNonASCII(in: bytes, from: index) {
            guard let length = bytes.sequenceLength(at: next) else { return next }
            index = next + length
        }
        return nil
    }
}

extension CSVCursor {
    /// Whether a cell of the record is not UTF-8.
    var hasInvalidEncoding: Bool {
        withText { text in
            guard ByteSearch.firstNonASCII(in: text) != nil else { return false }
            var start = 0
            return cells.contains { cell in
                defer { start = cell.end }
                return CSVEncodingCheck.malformedIndex(in: UnsafeRawBufferPointer(rebasing: text[start..<cell.end]))
                    != nil
            }
        }
    }

    /// Returns whether no cell has anything, as in the rows that spreadsheets write below a table.
    func isEmptyRow(_ options: CSVRowReader.Options) -> Bool {
        textByteCount == 0 && options.emptyCells == .absent
            && cells.allSatisfy { !$0.isQuoted && $0.problem == nil }
    }
}
