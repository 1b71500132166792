public import NIOCore

/// Cuts a file of CSV between rows as its bytes arrive, without reading its values.
///
/// The header is checked as by ``CSVRowReader``, and rows are counted as it counts them. The pieces are read later by readers with the
/// ``dialect``, which return what a reader of the whole file returns. The memory is bounded by the size of a piece and of a row.
public struct CSVSplitter: Sendable {
    private let format: CSVFormat
    private let pieceRowCount: Int
    private let pieceByteCount: Int

    private var prologue: CSVPrologue
    private var cutter: CSVCutter?
    private var error: CSVError?

    /// The header and the delimiter, or nil before the header was read.
    public private(set) var dialect: CSVRowReader.Dialect?

    /// Creates a splitter of one file.
    ///
    /// - Parameters:
    ///   - fields: The fields of the rows.
    ///   - options: What the readers of the pieces accept.
    ///   - pieceRowCount: The maximum number of rows of a piece.
    ///   - pieceByteCount: The number of bytes after which a piece ends with its row.
    public init(_ fields: FieldSet, options: CSVRowReader.Options, pieceRowCount: Int, pieceByteCount: Int) {
        format = CSVFormat(fields, options: options)
        prologue = CSVPrologue(options)
        self.pieceRowCount = max(1, pieceRowCount)
        self.pieceByteCount = max(1, pieceByteCount)
    }

    /// The number of rows so far.
    public var rowCount: Int { cutter?.rowCount ?? 0 }

    /// The physical line of the quote that is never closed, or nil. Only known after the end of the file.
    public var unprocessedLine: Int? { cutter?.cursor.unprocessedLine }

    /// Reads the next bytes of the file.
    ///
    /// - Parameter bytes: The bytes. The index of their reader does not move.
    /// - Returns: The pieces that are complete.
    /// - Throws: ``CSVError`` as ``CSVRowReader/read(_:)``, again in every later call.
    /// - Complexity: O(number of bytes).
    public mutating func read(_ bytes: ByteBuffer) throws(CSVError) -> [CSVPiece] {
        if let error { throw error }
        var pieces: [CSVPiece] = []
        for start in stride(from: 0, to: bytes.readableBytes, by: CSVCursor.windowByteCount) {
            let window = bytes.readableBytesView.dropFirst(start).prefix(CSVCursor.windowByteCount)
            error = window.withUnsafeBytes { bytes in
                do throws(CSVError) {
                    try read(window: bytes, &pieces)
                    return nil
                } catch {
                    return error
                }
            }
            if let error { throw error }
        }
        return pieces
    }

    /// Ends the file.
    ///
    /// - Returns: The last piece, or no piece if all rows were returned before.
    /// - Throws: ``CSVError`` for a file without rows, and like ``read(_:)``.
    public mutating func finish() throws(CSVError) -> [CSVPiece] {
        if let error { throw error }
        do throws(CSVError) {
            if cutter == nil, try prologue.finish() { try startBody() }
            var pieces: [CSVPiece] = []
            try cutter?.finish(&pieces)
            if rowCount == 0 { throw CSVError.noRows }
            return pieces
        } catch {
            self.error = error
            throw error
        }
    }

    private mutating func read(window: UnsafeRawBufferPointer, _ pieces: inout [CSVPiece]) throws(CSVError) {
        var index = 0
        if cutter == nil {
            guard try prologue.consume(window, &index) else { return }
            try startBody()
        }
        try cutter?.read(UnsafeRawBufferPointer(rebasing: window[index...]), &pieces)
    }

    private mutating func startBody() throws(CSVError) {
        let header = try CSVHeader(prologue, for: format)
        dialect = header.dialect
        cutter = CSVCutter(
            header, prologue, format.options, pieceRowCount: pieceRowCount, pieceByteCount: pieceByteCount)
        // Releases the bytes of the header.
        prologue = CSVPrologue(format.options)
    }
}
