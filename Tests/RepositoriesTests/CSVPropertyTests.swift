import NIOCore
import PipelineTesting
import Repositories
import Testing

@Suite struct CSVPropertyTests {
    private static let texts = [
        "", "a", "ü", "\"", "\"\"", ",", ";", "a,b", "line\nbreak", "\r\n", "=1+1", "'=1", "''x", "-5", "+49", "@x",
        "\tx",
        " spaces ", "007", "NaN", "true", "1e5", "\u{FEFF}x", "😀",
    ]

    @Test(arguments: [true, false])
    func `Written rows are read back equal`(isGuarded: Bool) throws {
        let fields = FieldSet(
            "notes", Field.integer("id").key(writtenByClients: true), Field.text("title", 0...100),
            Field.text("note", 0...100).optional(), Field.number("size").optional(), Field.boolean("done"))
        var random = SeededGenerator(seed: 7)
        var rows = RowBatch(columns: ["id", "title", "note", "size", "done"])
        for id in 0..<500 {
            rows.append(.integer(Int64(id)))
            rows.append(.text(Self.texts.randomElement(using: &random) ?? ""))
            rows.append(Bool.random(using: &random) ? .null : .text(Self.texts.randomElement(using: &random) ?? ""))
            rows.append(Bool.random(using: &random) ? .null : .number(Double.random(in: -1e6...1e6, using: &random)))
            rows.append(.boolean(Bool.random(using: &random)))
        }
        var csv = ByteBuffer()
        let writer = CSVRowWriter(fields, names: rows.columns, guardsFormulas: isGuarded)
        writer.writeHeader(to: &csv)
        writer.write(rows, to: &csv)

        var options = CSVRowReader.Options()
        options.readsKey = true
        options.emptyCells = .null
        options.removesFormulaGuards = isGuarded
        var reader = CSVRowReader(fields, options: options)
        var read: [[RowValue]] = []
        for reading in try reader.read(csv) + [try reader.finish()].compactMap(\.self) {
            #expect(reading.failures.isEmpty)
            let columns = rows.columns.map { reading.rows.column(of: $0) ?? 0 }
            for row in 0..<reading.rows.rowCount {
                read.append(columns.map { reading.rows.value(of: reading.rows[row, $0]) ?? .null })
            }
        }
        #expect(read == (0..<rows.rowCount).map { rows.values(row: $0) })
    }

    @Test func `Random bytes are read without a crash, in pieces as at once`() {
        var random = SeededGenerator(seed: 11)
        let alphabet = Array("id,;\t|\"\r\n\\'ab1.-= \u{0}".utf8) + [0xC3, 0xBC, 0xFF, 0xEF, 0xBB, 0xBF]
        for _ in 0..<2000 {
            let count = Int.random(in: 0...60, using: &random)
            let bytes = Array("id;name\n".utf8) + (0..<count).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            let fields = FieldSet("t", Field.integer("id").key(), Field.text("name", 0...20).optional())
            var options = CSVRowReader.Options(isPartial: true)
            options.readsKey = true
            let whole = CSVReading(bytes, fields, options)
            #expect(CSVReading(bytes, fields, options, pieceByteCount: 1) == whole)
            #expect(CSVReading(bytes, fields, options, pieceByteCount: 5) == whole)
        }
    }
}
