import NIOCore

/// The rows of a piece of CSV, without their values.
///
/// Rows are counted as by ``CSVRowReader``.
package struct CSVRecords: Sequence, IteratorProtocol, Sendable {
    private let piece: CSVPiece
    private let options: CSVRowReader.Options
    private var cursor: CSVCursor
    private var nextIndex: Int
    /// The number of bytes that were read.
    private var byteCount = 0
    private var isFinished = false

    /// Creates the rows of a piece.
    ///
    /// - Parameters:
    ///   - piece: The piece.
    ///   - dialect: The header and the delimiter of the file.
    ///   - options: What readers of the piece accept.
    package init(_ piece: CSVPiece, dialect: CSVRowReader.Dialect, options: CSVRowReader.Options) {
        self.piece = piece
        self.options = options
        cursor = CSVCursor(dialect.delimiter, options, line: piece.firstLine)
        nextIndex = piece.firstIndex
    }

    /// Returns the next row, or nil after the last one.
    package mutating func next() -> CSVRecord? { next { _ in true } }

    /// Returns the next row with one of some indexes, or nil after the last one. The cells of other rows are not copied.
    package mutating func next(where isWanted: (Int) -> Bool) -> CSVRecord? {
        while nextRecord() {
            if cursor.isEmptyRow(options) { continue }
            defer { nextIndex += 1 }
            guard isWanted(nextIndex) else { continue }
            return CSVRecord(cursor, index: nextIndex, removesFormulaGuards: options.removesFormulaGuards)
        }
        return nil
    }

    private mutating func nextRecord() -> Bool {
        while byteCount < piece.bytes.readableBytes {
            let window = piece.bytes.readableBytesView.dropFirst(byteCount).prefix(CSVCursor.windowByteCount)
            var index = 0
            let isComplete = window.withUnsafeBytes { cursor.readRecord($0, from: &index) }
            byteCount += index
            if isComplete { return true }
        }
        if isFinished { return false }
        isFinished = true
        return cursor.finish()
    }
}
