import Testing

@testable import Cities

@Suite struct CitiesDataTests {
    @Test(arguments: [
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a,b\r\n1,\r\n", [["a", "b"], ["1", ""]]),
        ("\"a,\"\"b\"\"\",c", [["a,\"b\"", "c"]]),
        ("\"two\nlines\",x\n", [["two\nlines", "x"]]),
        ("", []),
    ])
    func `CSV is parsed by RFC 4180`(text: String, expected: [[String]]) throws {
        var reader = CSVReader(Array(text.utf8))
        var records: [[String]] = []
        while let record = try reader.next() { records.append(record) }
        #expect(records == expected)
    }

    @Test func `An unterminated quote is reported with its record`() {
        #expect(throws: CSVReader.Failure.unterminatedQuote(record: 2)) {
            var reader = CSVReader(Array("a\n\"b\n".utf8))
            while try reader.next() != nil {}
        }
    }
}
