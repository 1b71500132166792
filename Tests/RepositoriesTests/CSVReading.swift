import NIOCore
import Repositories

/// Everything that a reader says about a file, in the order of its rows.
struct CSVReading: Equatable {
    var rows: [[RowValue?]] = []
    var columns: [String] = []
    /// The lines of the rows.
    var lines: [Int] = []
    var indexes: [Int] = []
    /// The indexes and the lines of the failed rows.
    var failedIndexes: [Int] = []
    var failedLines: [Int] = []
    /// `line:column code field` of each problem.
    var problems: [String] = []
    var messages: [String] = []
    /// The cells of the failed rows.
    var cells: [[String]] = []
    var error: String?
    var strayQuoteCount = 0
    var unprocessedLine: Int?

    /// Reads a file in pieces of a number of bytes.
    init(
        _ bytes: [UInt8], _ fields: FieldSet, _ options: CSVRowReader.Options = .init(), pieceByteCount: Int = .max
    ) {
        var reader = CSVRowReader(fields, options: options)
        do {
            for start in stride(from: 0, to: bytes.count, by: max(1, min(pieceByteCount, bytes.count))) {
                let piece = bytes[start..<(bytes.count - start > pieceByteCount ? start + pieceByteCount : bytes.count)]
                for reading in try reader.read(ByteBuffer(bytes: piece)) { add(reading) }
            }
            if let reading = try reader.finish() { add(reading) }
        } catch {
            self.error = "\(error)"
        }
        strayQuoteCount = reader.strayQuoteCount
        unprocessedLine = reader.unprocessedLine
    }

    /// Cuts a file into pieces of numbers of rows and bytes, of which readers read the rows.
    ///
    /// The splitter gets `windowByteCount` bytes at once.
    init(
        splitting bytes: [UInt8], _ fields: FieldSet, _ options: CSVRowReader.Options,
        pieceSize: (rows: Int, bytes: Int), windowByteCount: Int
    ) {
        var splitter = CSVSplitter(
            fields, options: options, pieceRowCount: pieceSize.rows, pieceByteCount: pieceSize.bytes)
        do {
            var pieces: [CSVPiece] = []
            for start in stride(from: 0, to: bytes.count, by: windowByteCount) {
                let window = bytes[start..<min(bytes.count, start + windowByteCount)]
                pieces += try splitter.read(ByteBuffer(bytes: window))
            }
            pieces += try splitter.finish()
            var rowCount = 0
            for piece in pieces {
                guard let dialect = splitter.dialect, piece.firstIndex == rowCount else { throw CancellationError() }
                rowCount += piece.rowCount
                var reader = try CSVRowReader(
                    fields, options: options, dialect: dialect, firstIndex: piece.firstIndex,
                    firstLine: piece.firstLine)
                for reading in try reader.read(piece.bytes) { add(reading) }
                if let reading = try reader.finish() { add(reading) }
                strayQuoteCount += reader.strayQuoteCount
                if reader.rowCount != piece.rowCount { error = "\(reader.rowCount) rows, not \(piece.rowCount)" }
            }
            if splitter.rowCount != rowCount { error = "\(splitter.rowCount) rows, not \(rowCount)" }
        } catch {
            self = CSVReading(failing: "\(error)")
        }
        unprocessedLine = splitter.unprocessedLine
    }

    private init(failing error: String) {
        self.error = error
    }

    private mutating func add(_ reading: CSVRowReader.Reading) {
        columns = reading.rows.columns
        for row in 0..<reading.rows.rowCount {
            rows.append(columns.indices.map { reading.rows.value(of: reading.rows[row, $0]) })
        }
        lines += reading.lines
        indexes += reading.indexes
        failedIndexes += reading.failures.map(\.index)
        failedLines += reading.failures.map(\.line)
        for failure in reading.failures {
            for problem in failure.problems {
                let field = problem.field.map { " \($0)" } ?? ""
                problems.append("\(problem.line):\(problem.column) \(problem.code.rawValue)\(field)")
                messages.append(problem.message)
            }
            cells.append((0..<failure.cellCount).map { failure.cell($0) })
        }
    }
}
