public import NIOCore

/// Reads rows from CSV (RFC 4180) as its bytes arrive, with bounded memory.
///
/// ```swift
/// var reader = CSVRowReader(BookFields.all)
/// for try await chunk in upload {
///     for reading in try reader.read(chunk) { try await store(reading) }
/// }
/// if let reading = try reader.finish() { try await store(reading) }
/// ```
///
/// The first line has the names of fields, in any order. Case, blanks around them, and the difference between `_`, `-` and a blank do not
/// matter. The delimiter is the one of `,`, `;`, tab and `|` under which every name is a field, or that of a line `sep=;` before the
/// header. Columns whose names begin with `_` are ignored, unless ``Options/readsVersions`` reads `_version`.
///
/// Integers and numbers are decimal, `1234.5`, without separators of thousands. Booleans are `true`, `false`, `1` and `0`. Texts are
/// read as they are. An empty cell is absent, and `""` is an empty text. All problems of a row are collected, with the messages of
/// ``RowJSONReader``. They never keep the other rows from being read. Only a quote that is never closed ends the reading, because the
/// end of its cell is unknown.
public struct CSVRowReader: Sendable {
    /// What was read from a part of a file.
    public struct Reading: Sendable {
        /// The valid rows.
        public internal(set) var rows: RowBatch

        /// The index in the file of each valid row. The header and empty lines are not counted.
        public internal(set) var indexes: [Int] = []

        /// The physical line on which each valid row begins, counted from 1.
        public internal(set) var lines: [Int] = []

        /// The expected version of each valid row, or nil where the file has none. Empty unless ``Options/readsVersions`` is set.
        public internal(set) var versions: [Int64?] = []

        /// The invalid rows.
        public internal(set) var failures: [CSVFailedRow] = []
    }

    private let format: CSVFormat

    /// The names of the columns as they are in the file, or an empty array before they were read.
    public private(set) var header: [String] = []

    private var prologue: CSVPrologue
    private var body: CSVBody?
    private var error: CSVError?

    /// Creates a reader of one file.
    ///
    /// - Parameters:
    ///   - fields: The fields of the rows.
    ///   - options: What the reader accepts.
    public init(_ fields: FieldSet, options: Options = Options()) {
        format = CSVFormat(fields, options: options)
        prologue = CSVPrologue(options)
    }

    /// Creates a reader of a part of a file, which begins with a row. Its indexes and lines are those of the file.
    ///
    /// - Parameters:
    ///   - fields: The fields of the rows.
    ///   - options: What the reader accepts.
    ///   - dialect: The header and the delimiter of the file, see ``CSVSplitter/dialect``.
    ///   - firstIndex: The index in the file of the first row.
    ///   - firstLine: The physical line of the first byte.
    /// - Throws: ``CSVError`` if the header does not have the fields.
    public init(
        _ fields: FieldSet, options: Options, dialect: Dialect, firstIndex: Int, firstLine: Int
    ) throws(CSVError) {
        self.init(fields, options: options)
        header = dialect.header
        body = CSVBody(try CSVHeader(dialect, for: format), format, firstIndex: firstIndex, firstLine: firstLine)
    }

    /// The number of rows so far, failed ones included.
    public var rowCount: Int { body?.builder.rowCount ?? 0 }

    /// The number of cells so far that have a quote inside although they do not begin with one.
    public var strayQuoteCount: Int { body?.cursor.strayQuoteCount ?? 0 }

    /// The physical line of the quote that is never closed, or nil. Nothing after it was processed.
    public var unprocessedLine: Int? {
        body?.cursor.unprocessedLine
    }

    /// Reads the next bytes of the file.
    ///
    /// - Parameter bytes: The bytes. The index of their reader does not move.
    /// - Returns: The parts of the file that are complete, each with at most ``Options/batchRowCount`` rows. The columns of their rows
    ///   are the fields that clients write, for a partial reader those of the header. What a row does not have is absent.
    /// - Throws: ``CSVError`` for another encoding, more than 10 of the first 100 rows that are not UTF-8, and an invalid header. The reader
    ///   throws it again in every later call.
    /// - Complexity: O(number of bytes).
    public mutating func read(_ bytes: ByteBuffer) throws(CSVError) -> [Reading] {
        try remembering { reader throws(CSVError) in
            var readings: [Reading] = []
            for start in stride(from: 0, to: bytes.readableBytes, by: CSVCursor.windowByteCount) {
                let window = bytes.readableBytesView.dropFirst(start).prefix(CSVCursor.windowByteCount)
                let error = window.withUnsafeBytes { bytes in
                    do throws(CSVError) {
                        try reader.read(window: bytes, &readings)
                        return nil as CSVError?
                    } catch {
                        return error
                    }
                }
                if let error { throw error }
            }
            return readings
        }
    }

    /// Ends the file.
    ///
    /// - Returns: The last part of the file, or nil if all rows were returned before.
    /// - Throws: ``CSVError`` for a file without rows, and like ``read(_:)``.
    public mutating func finish() throws(CSVError) -> Reading? {
        try remembering { reader throws(CSVError) in
            if reader.body == nil, try reader.prologue.finish() { try reader.startBody() }
            guard let reading = try reader.body?.finish() else {
                if reader.body == nil { throw CSVError.noRows }
                return nil
            }
            return reading
        }
    }

    private mutating func read(
        window: UnsafeRawBufferPointer, _ readings: inout [Reading]
    ) throws(CSVError) {
        var index = 0
        if body == nil {
            guard try prologue.consume(window, &index) else { return }
            try startBody()
        }
        try body?.read(window, from: &index, &readings)
    }

    private mutating func startBody() throws(CSVError) {
        let header = try CSVHeader(prologue, for: format)
        self.header = header.names
        body = CSVBody(header, prologue, format)
        // Releases the bytes of the header.
        prologue = CSVPrologue(format.options)
    }

    /// Throws an error of a closure again in every later call.
    private mutating func remembering<Result>(
        _ body: (inout CSVRowReader) throws(CSVError) -> Result
    ) throws(CSVError) -> Result {
        if let error { throw error }
        do throws(CSVError) {
            return try body(&self)
        } catch {
            self.error = error
            throw error
        }
    }
}
