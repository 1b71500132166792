/// The lines of a file after its header, as they are read.
struct CSVBody: Sendable {
    private(set) var cursor: CSVCursor
    private(set) var builder: CSVRowBuilder

    init(_ header: CSVHeader, _ prologue: CSVPrologue, members: [RowMember], options: CSVRowReader.Options) {
        builder = CSVRowBuilder(header, members: members, options: options)
        cursor = CSVCursor(
            delimiter: header.delimiter.byte,
            limits: CSVCursor.Limits(
                cellByteCount: options.maximumCellByteCount, recordByteCount: options.maximumRowByteCount,
                // A delimiter at the end of a line makes one more.
                cellCount: options.maximumColumnCount + 1),
            rejectsStrayQuotes: options.rejectsStrayQuotes, line: prologue.line,
            followsCarriageReturn: prologue.endsWithCarriageReturn)
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
        guard builder.rowCount > 0 else { throw CSVError.noRows }
        return builder.takeReading()
    }
}
