import NIOCore

/// Cuts the lines of a file after its header into pieces.
struct CSVCutter: Sendable {
    private(set) var cursor: CSVCursor
    /// The number of rows so far.
    private(set) var rowCount = 0

    private let options: CSVRowReader.Options
    private let pieceRowCount: Int
    private let pieceByteCount: Int
    /// The number of bytes above which a record has problems, whatever it has. The following ones are dropped.
    private let recordByteLimit: Int

    private var encoding = CSVEncodingCheck()
    private var piece = ByteBuffer()
    private var firstIndex = 0
    private var firstLine: Int
    /// The number of bytes in earlier windows of the record that is being read.
    private var recordByteCount = 0
    /// The bytes that end the record of which the following bytes are dropped, or nil.
    private var cutEnd: StaticString?
    /// Whether the piece ends here, except that a line feed may follow its carriage return.
    private var endsPiece = true
    private var endsWithCarriageReturn: Bool
    private var dropsLineFeed = false

    init(
        _ header: CSVHeader, _ prologue: CSVPrologue, _ options: CSVRowReader.Options, pieceRowCount: Int,
        pieceByteCount: Int
    ) {
        cursor = CSVCursor(
            header.delimiter, options, line: prologue.line, followsCarriageReturn: prologue.endsWithCarriageReturn)
        self.options = options
        self.pieceRowCount = pieceRowCount
        self.pieceByteCount = pieceByteCount
        firstLine = prologue.line
        endsWithCarriageReturn = prologue.endsWithCarriageReturn
        // All bytes doubled, and the quotes and delimiters of all cells.
        let limit = 1 << 40
        recordByteLimit =
            2 * (min(options.maximumRowByteCount, limit) + min(options.maximumCellByteCount, limit))
            + 3 * (min(options.maximumColumnCount, limit) + 1)
    }

    /// Reads the rows of a window, and adds what is complete to pieces.
    mutating func read(_ window: UnsafeRawBufferPointer, _ pieces: inout [CSVPiece]) throws(CSVError) {
        var index = 0
        /// The end of the bytes that are in the piece.
        var copied = 0
        /// The start of the record.
        var start = 0
        while index < window.count {
            if endsPiece {
                if endsWithCarriageReturn, window[index] == 0x0A {
                    if !dropsLineFeed { piece.writeBytes(window[copied...index]) }
                    copied = index + 1
                } else {
                    piece.writeBytes(window[copied..<index])
                    copied = index
                }
                endPiece(&pieces)
            }
            guard cursor.readRecord(window, from: &index) else { break }
            if let end = cutEnd {
                piece.writeStaticString(end)
                copied = index
                dropsLineFeed = true
            }
            try countRow()
            start = index
            recordByteCount = 0
            if rowCount - firstIndex >= pieceRowCount || cutEnd != nil
                || piece.readableBytes + (index - copied) >= pieceByteCount
            {
                endsPiece = true
                endsWithCarriageReturn = window[index - 1] == 0x0D
                cutEnd = nil
            }
        }
        if cutEnd == nil { piece.writeBytes(window[copied...]) }
        if cursor.isBetweenRecords {
            // Also lines that are empty end a piece.
            guard !endsPiece, piece.readableBytes >= pieceByteCount else { return }
            endsPiece = true
            endsWithCarriageReturn = window.last == 0x0D
        } else {
            recordByteCount += window.count - start
            if cutEnd == nil, recordByteCount > recordByteLimit { cutEnd = cursor.isInQuotes ? "\"\n" : "\n" }
        }
    }

    /// Ends the file.
    mutating func finish(_ pieces: inout [CSVPiece]) throws(CSVError) {
        if endsPiece { endPiece(&pieces) }
        if cursor.finish() {
            if let end = cutEnd {
                if cursor.unprocessedLine == nil {
                    piece.writeStaticString(end)
                } else if end.utf8CodeUnitCount == 1 {
                    // The quote that is never closed was dropped.
                    piece.writeBytes([cursor.delimiter, UInt8(ascii: "\"")])
                }
            }
            try countRow()
        }
        endPiece(&pieces)
    }

    private mutating func countRow() throws(CSVError) {
        if cursor.isEmptyRow(options) { return }
        if rowCount < CSVEncodingCheck.examinedRowCount, cursor.hasInvalidEncoding {
            try encoding.noteInvalidRow(rowCount)
        }
        rowCount += 1
    }

    /// Ends the piece. One without rows is dropped.
    private mutating func endPiece(_ pieces: inout [CSVPiece]) {
        if rowCount > firstIndex {
            pieces.append(
                CSVPiece(bytes: piece, firstIndex: firstIndex, firstLine: firstLine, rowCount: rowCount - firstIndex))
            piece = ByteBuffer()
        }
        piece.clear()
        firstIndex = rowCount
        firstLine = cursor.line
        endsPiece = false
        dropsLineFeed = false
    }
}
