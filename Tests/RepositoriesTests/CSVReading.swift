import NIOCore
import Repositories

/// Everything that a reader says about a file, in the order of its rows.
struct CSVReading: Equatable {
    var rows: [[RowValue?]] = []
    var columns: [String] = []
    /// The lines of the rows.
    var lines: [Int] = []
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

    private mutating func add(_ reading: CSVRowReader.Reading) {
        columns = reading.rows.columns
        for row in 0..<reading.rows.rowCount {
            rows.append(columns.indices.map { reading.rows.value(of: reading.rows[row, $0]) })
        }
        lines += reading.lines
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
