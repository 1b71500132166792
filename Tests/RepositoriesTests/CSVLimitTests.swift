import NIOCore
import Repositories
import Testing

/// Files that exceed limits are read with bounded memory.
@Suite struct CSVLimitTests {
    private static let fields = FieldSet(
        "items", Field.integer("id").key(writtenByClients: true), Field.text("name").optional())

    /// A file without a second line break.
    private static func header(columnCount: Int, quoted: Bool) -> ByteBuffer {
        ByteBuffer(string: "id" + (1..<columnCount).map { quoted ? ",\"c\($0)\"" : ",c\($0)" }.joined())
    }

    @Test(arguments: [true, false])
    func `100,000 columns are an error before the end of the header`(quoted: Bool) throws {
        var reader = CSVRowReader(Self.fields)
        let error = try #require(throws: CSVError.self) {
            _ = try reader.read(Self.header(columnCount: 100_000, quoted: quoted))
        }
        #expect(error.message == "The header has more than 1000 columns")
        #expect(error.isTooLarge)
        var splitter = CSVSplitter(Self.fields, options: .init(), pieceRowCount: 1, pieceByteCount: 1)
        #expect(throws: error) { _ = try splitter.read(Self.header(columnCount: 100_000, quoted: quoted)) }
        #expect(throws: error) { _ = try splitter.finish() }
    }

    @Test func `A row of 100,000 cells is a problem of the row`() throws {
        let row = String(repeating: ",", count: 99_999)
        let reading = CSVReading(Array("id,name\n1,A\n\(row)\n2,B".utf8), Self.fields)
        #expect(reading.rows == [[1, "A"], [2, "B"]])
        #expect(reading.indexes == [0, 1])
        let full = CSVReading(Array("id,name\n1,A\n3\(row)\n2,B".utf8), Self.fields)
        #expect(full.rows == [[1, "A"], [2, "B"]])
        #expect(full.problems == ["3:4 too_many_cells"])
        #expect(full.cells.map(\.count) == [1001])
    }

    @Test(arguments: ["", "\""])
    func `A cell of 10 MB is a problem of its row`(quote: String) throws {
        let chunk = ByteBuffer(repeating: UInt8(ascii: "x"), count: 1 << 20)
        let parts =
            [ByteBuffer(string: "id,name\n1,A\n2,\(quote)")] + (0..<10).map { _ in chunk }
            + [ByteBuffer(string: "\(quote)\n3,B\n")]
        var reader = CSVRowReader(Self.fields)
        var splitter = CSVSplitter(Self.fields, options: .init(), pieceRowCount: 1, pieceByteCount: 1 << 20)
        var readings: [CSVRowReader.Reading] = []
        var pieces: [CSVPiece] = []
        for part in parts {
            readings += try reader.read(part)
            pieces += try splitter.read(part)
        }
        if let reading = try reader.finish() { readings.append(reading) }
        pieces += try splitter.finish()
        let failures = readings.flatMap(\.failures)
        #expect(readings.flatMap(\.indexes) == [0, 2])
        #expect(failures.flatMap(\.problems).map(\.code) == [.tooLong])
        #expect(failures.map { $0.cell(1) } == [""])
        #expect(pieces.map(\.firstLine) == [2, 3, 4])
    }

    @Test(arguments: ["2,", "2,\"", "\"\"\",", "2,\"\"x", "2,A,"], ["x", "\"\"", ",", "\"\n", "a\""])
    func `Rows far above the limits are cut in pieces`(beginning: String, repeated: String) throws {
        var options = CSVRowReader.Options()
        options.maximumCellByteCount = 100
        options.maximumRowByteCount = 200
        options.maximumColumnCount = 10
        var splitter = CSVSplitter(Self.fields, options: options, pieceRowCount: 100, pieceByteCount: 1 << 10)
        let body = beginning + String(repeating: repeated, count: 100_000)
        let file = ByteBuffer(string: "id,name\r\n1,A\r\n\(body)\r\n3,B\r\n")
        var pieces: [CSVPiece] = []
        var rest = file
        while let part = rest.readSlice(length: min(1 << 16, max(rest.readableBytes, 1))) {
            pieces += try splitter.read(part)
        }
        pieces += try splitter.finish()
        #expect(pieces.allSatisfy { $0.bytes.readableBytes < 70_000 })
        let whole = CSVReading(Array(file.readableBytesView), Self.fields, options)
        #expect(pieces.reduce(0) { $0 + $1.rowCount } == whole.rows.count + whole.cells.count)
        let dialect = try #require(splitter.dialect)
        var lines: [Int] = []
        for piece in pieces {
            var reader = try CSVRowReader(
                Self.fields, options: options, dialect: dialect, firstIndex: piece.firstIndex,
                firstLine: piece.firstLine)
            for reading in try reader.read(piece.bytes) + [reader.finish()].compactMap(\.self) {
                lines += reading.lines + reading.failures.map(\.line)
            }
        }
        #expect(lines.sorted() == (whole.lines + whole.failedLines).sorted())
    }
}
