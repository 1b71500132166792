/// The lines of a file after its header, as they are read.
struct CSVBody: Sendable {
    private(set) var cursor: CSVCursor
    private(set) var builder: CSVRowBuilder

    /// Creates the body of a whole file.
    init(_ header: CSVHeader, _ prologue: CSVPrologue, _ format: CSVFormat) {
        builder = CSVRowBuilder(header, format)
        cursor = CSVCursor(
            header.delimiter, format.options, line: prologue.line,
            followsCarriageReturn: prologue.endsWithCarriageReturn)
    }

    /// Creates the body of a part of a file, which begins with a line.
    init(_ header: CSVHeader, _ format: CSVFormat, firstIndex: Int, firstLine: Int) {
        builder = CSVRowBuilder(header, format, firstIndex: firstIndex)
        cursor = CSVCursor(header.delimiter, format.options, line: firstLine)
    }

    /// Reads the rows of a window, and adds what is complete to readings.
    mutating func read(
        _ window: UnsafeRawBufferPointer, from index: inout Int, _ readings: inout [CSVRowReader.Reading]
    ) throws(CSVError) {
        while cursor.readRecord(window, from: &index) {
            try builder.append(cursor)
            if builder.isFull, let reading = builder.takeReading() { readings.append(reading) }
        }
    }

    /// Ends the file.
    ///
    /// - Returns: The last part of the file, or nil if there is none.
    /// - Throws: ``CSVError`` for a file without rows.
    mutating func finish() throws(CSVError) -> CSVRowReader.Reading? {
        if cursor.finish() { try builder.append(cursor) }
        // A part of a file may be without rows, the file may not.
        if builder.rowCount == 0, builder.firstIndex == nil { throw CSVError.noRows }
        return builder.takeReading()
    }
}

extension CSVCursor {
    /// Creates a cursor for the lines after a header.
    init(
        _ delimiter: CSVDelimiter, _ options: CSVRowReader.Options, line: Int, followsCarriageReturn: Bool = false
    ) {
        self.init(
            delimiter: delimiter.byte,
            limits: Limits(
                cellByteCount: options.maximumCellByteCount, recordByteCount: options.maximumRowByteCount,
                // A delimiter at the end of a line makes one more.
                cellCount: options.maximumColumnCount + 1),
            rejectsStrayQuotes: options.rejectsStrayQuotes, line: line, followsCarriageReturn: followsCarriageReturn)
    }
}
