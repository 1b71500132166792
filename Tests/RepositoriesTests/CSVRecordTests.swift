import NIOCore
import Repositories
import Testing

@Suite struct CSVRecordTests {
    private static let fields = FieldSet(
        "items", Field.integer("id").key(writtenByClients: true), Field.text("name", 0...20).optional())

    private func records(_ text: String) throws -> (dialect: CSVRowReader.Dialect, records: [CSVRecord]) {
        let options = CSVRowReader.Options()
        var splitter = CSVSplitter(Self.fields, options: options, pieceRowCount: 2, pieceByteCount: 1 << 20)
        let pieces = try splitter.read(ByteBuffer(string: text)) + splitter.finish()
        let dialect = try #require(splitter.dialect)
        return (dialect, pieces.flatMap { CSVRecords($0, dialect: dialect, options: options) })
    }

    private static let text = "ID;Name\r\n1;A,B\r\n\r\n;\r\n2;\"a\n\"\"\"\r\n-3;=1\n4;\"\"\n5;\n6\n"

    @Test func `Records have the indexes and lines of the file`() throws {
        let (dialect, records) = try records(Self.text)
        #expect(dialect == CSVRowReader.Dialect(header: ["ID", "Name"], delimiter: .semicolon))
        #expect(records.map(\.index) == [0, 1, 2, 3, 4, 5])
        #expect(records.map(\.line) == [2, 5, 7, 8, 9, 10])
    }

    @Test func `Wanted records are read without the others`() throws {
        let dialect = CSVRowReader.Dialect(header: ["id", "name"], delimiter: .comma)
        let piece = CSVPiece(
            bytes: ByteBuffer(string: "1,\"a\nb\"\n\n2,b\n3,c\n"), firstIndex: 7, firstLine: 2, rowCount: 3)
        var records = CSVRecords(piece, dialect: dialect, options: .init())
        let last = records.next { $0 == 9 }
        #expect(last?.index == 9)
        #expect(last?.line == 6)
        #expect(last?.cell(1) == "c")
        #expect(records.next { _ in true } == nil)
    }

    @Test func `Records are written as CSV`() throws {
        var plain = ByteBuffer()
        var failed = ByteBuffer()
        for record in try records(Self.text).records {
            record.write(to: &plain)
            record.write(to: &failed, field: "name", message: "=bad, \(record.index)")
        }
        #expect(String(buffer: plain) == "1,\"A,B\"\r\n2,\"a\n\"\"\"\r\n-3,'=1\r\n4,\"\"\r\n5,\r\n6\r\n")
        #expect(String(buffer: failed).hasPrefix("2,name,\"'=bad, 0\",1,\"A,B\"\r\n5,name,\"'=bad, 1\",2,"))
    }

    @Test func `Records are written as JSON`() throws {
        let (dialect, records) = try records(Self.text)
        var json = ByteBuffer()
        for record in records { record.writeJSON(to: &json, header: dialect.header) }
        #expect(
            String(buffer: json) == #"{"ID":"1","Name":"A,B"}{"ID":"2","Name":"a\n\""}{"ID":"-3","Name":"=1"}"#
                + #"{"ID":"4","Name":""}{"ID":"5","Name":""}{"ID":"6"}"#)
    }

    @Test func `Bytes that are not UTF-8 are replaced in JSON`() throws {
        var splitter = CSVSplitter(Self.fields, options: .init(), pieceRowCount: 9, pieceByteCount: 1 << 20)
        var bytes = ByteBuffer(string: "id,name\n1,M")
        bytes.writeBytes([0xFC, 0x0A])
        let pieces = try splitter.read(bytes) + splitter.finish()
        let dialect = try #require(splitter.dialect)
        var json = ByteBuffer()
        for piece in pieces {
            for record in CSVRecords(piece, dialect: dialect, options: .init()) {
                record.writeJSON(to: &json, header: dialect.header)
            }
        }
        #expect(String(buffer: json) == "{\"id\":\"1\",\"name\":\"M\u{FFFD}\"}")
    }

    @Test func `Failed rows are mended and sent again`() throws {
        var options = CSVRowReader.Options()
        var reader = CSVRowReader(Self.fields, options: options)
        let source = "name;id\r\n\"=1;\"\"x\"\"\";one\r\n'=2;two\n\"\";\n-5;three\r\nok;4\n"
        let readings = try reader.read(ByteBuffer(string: source)) + [reader.finish()].compactMap(\.self)
        let failures = readings.flatMap(\.failures)
        #expect(failures.map(\.index) == [0, 1, 2, 3])

        var file = ByteBuffer()
        CSVFailedRow.writeHeader(of: reader.header, to: &file)
        for failure in failures { failure.write(to: &file) }
        #expect(String(buffer: file).hasPrefix("_line,_field,_error,name,id\r\n2,id,"))
        let mended = String(buffer: file).replacing("one", with: "1").replacing("two", with: "2")
            .replacing("three", with: "3").replacing("\"\",\r\n", with: "\"\",9\r\n")

        options.removesFormulaGuards = true
        let again = CSVReading(Array(mended.utf8), Self.fields, options)
        #expect(again.error == nil)
        #expect(again.problems == [])
        #expect(again.rows == [[1, "=1;\"x\""], [2, "'=2"], [9, ""], [3, "-5"]])
    }
}
