import NIOCore
import PipelineTesting
import Repositories
import Testing

@Suite struct CSVSplitterTests {
    private static let fields = FieldSet(
        "t", Field.integer("id").key(), Field.text("name", 0...20).optional(), Field.text("a", 0...5).optional())

    @Test(arguments: CSVCaseTests.cases)
    func `Pieces have the rows of the whole file`(_ file: CSVCaseTests.Case) {
        let whole = CSVReading(file.bytes, file.fields, file.options)
        for rows in [1, 2, 100] {
            for window in [1, 2, 3, 7, 1 << 20] {
                let pieces = CSVReading(
                    splitting: file.bytes, file.fields, file.options, pieceSize: (rows, 1 << 20),
                    windowByteCount: window)
                if file.error == nil {
                    #expect(pieces == whole)
                } else {
                    #expect(pieces.error == whole.error)
                }
            }
        }
    }

    @Test func `Pieces of random files have the rows of the whole file`() {
        var random = SeededGenerator(seed: 23)
        let alphabet = Array("1;;a\"\r\n\r\n\"ü".utf8) + [0xFF]
        for _ in 0..<250 {
            let ends = ["\n", "\r\n", "\r", "\n\r\n"]
            let count = Int.random(in: 0...120, using: &random)
            let body = (0..<count).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            let bytes = Array("id;name;a\(ends.randomElement(using: &random) ?? "")".utf8) + body
            var options = CSVRowReader.Options(isPartial: true)
            options.readsKey = true
            options.maximumCellByteCount = 20
            options.emptyCells = Bool.random(using: &random) ? .absent : .null
            let whole = CSVReading(bytes, Self.fields, options)
            for size in [(1, 1000), (3, 1000), (1000, 1), (1000, 7), (2, 11)] {
                let window = Int.random(in: 1...40, using: &random)
                let pieces = CSVReading(
                    splitting: bytes, Self.fields, options, pieceSize: size, windowByteCount: window)
                if whole.error == nil {
                    #expect(
                        pieces == whole,
                        "\(String(decoding: bytes, as: UTF8.self).debugDescription), \(size), \(window)")
                } else {
                    #expect(pieces.error == whole.error)
                }
            }
        }
    }
}
