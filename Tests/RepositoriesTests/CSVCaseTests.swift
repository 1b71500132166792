import Repositories
import Testing

/// Small files on which readers of CSV disagree.
@Suite struct CSVCaseTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var bytes: [UInt8]
        var rows: [[RowValue?]] = []
        var problems: [String] = []
        var error: String?
        var options = CSVRowReader.Options()
        var fields = CSVCaseTests.fields

        init(
            _ name: String, _ text: String, _ rows: [[RowValue?]] = [], problems: [String] = [],
            _ change: (inout Case) -> Void = { _ in }
        ) {
            (testDescription, bytes, self.rows, self.problems) = (name, Array(text.utf8), rows, problems)
            change(&self)
        }
    }

    private static let fields = FieldSet(
        "items", Field.integer("id").key(writtenByClients: true), Field.text("name").optional())
    private static let numbers = FieldSet(
        "numbers", Field.integer("id").key(), Field.integer("count").optional(), Field.number("size").optional(),
        Field.text("code").optional(), Field.boolean("flag").optional())

    static let cases: [Case] = [
        Case("1: byte order mark", "\u{FEFF}id,name\n1,A", [[1, "A"]]),
        Case("2: UTF-16 little endian", "") {
            $0.bytes = [0xFF, 0xFE] + "id,name\n".utf8.flatMap { [$0, 0] }
            $0.error = "Invalid file encoding. Please save CSV as UTF-8, not UTF-16"
        },
        Case("2: UTF-16 big endian", "") {
            $0.bytes = [0xFE, 0xFF] + "id,name\n".utf8.flatMap { [0, $0] }
            $0.error = "Invalid file encoding. Please save CSV as UTF-8, not UTF-16"
        },
        Case("2: UTF-16 without a mark", "") {
            $0.bytes = "id,name\n".utf8.flatMap { [$0, 0] }
            $0.error = "Invalid file encoding. Please save CSV as UTF-8, not UTF-16"
        },
        Case("3: semicolons", "id;name\r\n1;A,B\r\n", [[1, "A,B"]]),
        Case("3: given delimiter", "id;name\r\n1;A\r\n") {
            $0.options.delimiter = .comma
            $0.error = "Unknown column \"id;name\" (line 1)"
        },
        Case("4: tabs", "id\tname\n1\tA", [[1, "A"]]),
        Case("4: bars", "name|id\nA|1", [[1, "A"]]),
        Case("5: stray quote", "id,name\n1,5\" pipe\n", [[1, "5\" pipe"]]),
        Case("5: strict quotes", "id,name\n1,5\" pipe\n2,B", [[2, "B"]], problems: ["2:3 invalid name"]) {
            $0.options.rejectsStrayQuotes = true
        },
        Case(
            "6: text after a quote", "id,name\n1,\"A\" x\n2,B\n", [[2, "B"]], problems: ["2:3 text_after_quote name"]),
        Case(
            "7: quote never closed", "id,name\n0,Z\n1,\"A\r\n2,B\r\n3,C", [[0, "Z"]],
            problems: ["3:3 unterminated_quote name"]),
        Case("8: carriage returns", "id,name\r1,A\r2,B\r", [[1, "A"], [2, "B"]]),
        Case("9: null character", "id,name\n1,A\0B\n2,B", [[2, "B"]], problems: ["2:3 control_character name"]),
        Case(
            "10: trailing delimiter", "id,name,\n1,A,\n2,B\n3,C,x", [[1, "A"], [2, "B"]],
            problems: ["4:5 too_many_cells"]),
        Case("10: column without a name", "id,,name\n1,,A") { $0.error = "The column 2 has no name (line 1)" },
        Case("11: repeated column", "id,name,Name \n1,A,B") {
            $0.error = "Two columns for the field \"name\": \"name\", \"Name\" (line 1)"
        },
        Case("12: case and blanks", "ID , Name\n1,A", [[1, "A"]]),
        Case(
            "13: empty lines", "\n\r\nid,name\n\n1,A\r\n\r\n\r\n2,\"\n3,B\n", [[1, "A"]],
            problems: ["8:3 unterminated_quote name"]),
        Case("14: short row", "id,name\n1\n2,B", [[2, "B"]], problems: ["2:1 too_few_cells"]),
        Case("15: long row", "id,name\n1,A,x\n2,B", [[2, "B"]], problems: ["2:5 too_many_cells"]),
        Case(
            "16: line break in a cell", "id,name\n1,\"A\r\nB\"\nx,C", [[1, "A\r\nB"]], problems: ["4:1 invalid id"]),
        Case("17: empty cells", "id,name\n1,\"\"\n2,\n", [[1, ""], [2, .null]]),
        Case("17: absent cells", "id,name\n1,\"\"\n2,\n", [[1, ""], [2, nil]]) { $0.options.isPartial = true },
        Case("17: empty cells are null", "id,name\n1,\"\"\n2,\n", [[1, ""], [2, .null]]) {
            $0.options.isPartial = true
            $0.options.emptyCells = .null
        },
        Case("17: empty cells are texts", "id,name\n1,\"\"\n2,\n", [[1, ""], [2, ""]]) {
            $0.options.emptyCells = .text
        },
        Case("17: text for null", "id,name\n1,\\N\n2,\"\\N\"\n", [[1, .null], [2, "\\N"]]) {
            $0.options.nullText = "\\N"
        },
        Case("18: no line break at the end", "id,name\n1,A\n2,B", [[1, "A"], [2, "B"]]),
        Case("19: header only", "id,name\n") { $0.error = "CSV file contains no valid data rows" },
        Case("19: empty file", "") { $0.error = "CSV file contains no valid data rows" },
        Case("20: Latin-1", "id,name\n1,M") {
            $0.bytes += [0xFC] + "nchen\n2,B".utf8
            $0.rows = [[2, "B"]]
            $0.problems = ["2:4 invalid_utf8 name"]
        },
        Case("20: Latin-1 in quotes", "id,name\n1,\"a\"\"\nM") {
            $0.bytes += [0xFC] + "\"\n2,B".utf8
            $0.rows = [[2, "B"]]
            $0.problems = ["3:2 invalid_utf8 name"]
        },
        Case("20: many rows of Latin-1", "id,name\n") {
            for _ in 0..<11 { $0.bytes += Array("1,A\n2,".utf8) + [0xFC, 0x0A] }
            $0.error = "Invalid file encoding. Please save CSV as UTF-8"
        },
        Case("20: sequence across cells", "id,name\n1,") {
            $0.fields = FieldSet(
                "x", Field.integer("id").key(), Field.text("a"), Field.text("b"))
            $0.bytes = Array("a,b\n".utf8) + [0xC3, 0x2C, 0xBC, 0x0A]
            $0.problems = ["2:1 invalid_utf8 a", "2:3 invalid_utf8 b"]
        },
        Case("21: line for Excel", "sep=;\r\nid;name\r\n1;A,B\r\nx;B", [[1, "A,B"]], problems: ["4:1 invalid id"]),
        Case("21: unknown delimiter", "sep=:\nid:name") {
            $0.error = "The line sep=: has none of the delimiters , ; | and tab (line 1)"
        },
        Case("22: leading zeros", "count,code\n007,007", [[7, .null, "007", .null]]) { $0.fields = numbers },
        Case(
            "23: scientific notation", "id,name\n1.23457E+18,A\n1E5,B", problems: ["2:1 invalid id", "3:1 invalid id"]),
        Case(
            "24: separators", "size\n\"1.234,5\"\n1 234\n\"1234,5\"\n1,5\n",
            problems: [
                "2:1 invalid size", "3:1 invalid size", "4:1 invalid size", "5:3 too_many_cells",
            ]
        ) { $0.fields = numbers },
        Case(
            "24: decimal comma", "count;size\n1;1234,5\n2;-0,5e1\n3;1.5",
            [
                [1, 1234.5, .null, .null], [2, -5.0, .null, .null],
            ], problems: ["4:3 invalid size"]
        ) {
            $0.fields = numbers
            $0.options.usesDecimalComma = true
        },
        Case(
            "25: numbers", "count,size\n1,NaN\n2,inf\n3,1e999\n-0,-0\n+5,1\n 5 ,\t5 \n6,+5\n7,.5\n8,5.\n9,0x10\n",
            [
                [0, -0.0, .null, .null], [5, 5.0, .null, .null],
            ],
            problems: [
                "2:3 invalid size", "3:3 invalid size", "4:3 invalid size", "6:1 invalid count", "8:3 invalid size",
                "9:3 invalid size", "10:3 invalid size", "11:3 invalid size",
            ]
        ) { $0.fields = numbers },
        Case(
            "25: limits",
            "count,size\n9223372036854775807,9007199254740993\n-9223372036854775808,0.1\n9223372036854775808,1\n",
            [
                [.integer(.max), 9007199254740992.0, .null, .null], [.integer(.min), 0.1, .null, .null],
            ], problems: ["4:1 invalid count"]
        ) { $0.fields = numbers },
        Case(
            "25: Booleans", "flag\ntrue\nFALSE\n1\n0\nyes\n\u{11}\n",
            [true, false, true, false].map { [.null, .null, .null, $0] },
            problems: ["6:1 invalid flag", "7:1 invalid flag"]
        ) { $0.fields = numbers },
        Case("26: formulas", "id,name\n1,=1+1\n2,'=1\n3,'x", [[1, "=1+1"], [2, "'=1"], [3, "'x"]]),
        Case(
            "26: guarded formulas", "id,name\n1,'=1+1\n2,''=1\n3,'x\n4,-2",
            [[1, "=1+1"], [2, "'=1"], [3, "'x"], [4, "-2"]]
        ) {
            $0.options.removesFormulaGuards = true
        },
        Case("rows without anything", "id,name\n1,A\n,\n,\n", [[1, "A"]]),
        Case("mapped and ignored columns", "Stadt,_line,Land,nr\nBern,7,CH,1", [[1, "Bern"]]) {
            $0.options.columns = ["stadt": "name", "Nr": "id"]
            $0.options.ignoresUnknownColumns = true
        },
        Case("columns of a failed row with semicolons", "_line;_field;_error;id;name\n2;;;1;A", [[1, "A"]]),
        Case("required field", "id,name\n,A\n", problems: ["2:1 required id"]),
        Case("missing column", "name\nA") { $0.error = "Missing column \"id\" (line 1)" },
        Case("unknown columns", "id,nmae,x\n1,A,B") { $0.error = "Unknown column \"nmae\", \"x\" (line 1)" },
        Case("mapped column of no field", "id,Stadt\n1,Bern") {
            $0.options.columns = ["stadt": "nmae"]
            $0.error = "Unknown field \"nmae\" for the column \"Stadt\" (line 1)"
        },
        Case("header in quotes", "\"id\",\"name\"\n1,A", [[1, "A"]]),
        Case("read-only column", "id,count\n1,2", [[2, .null, .null, .null]]) { $0.fields = numbers },
        Case("read-only column as an error", "id,count\n1,2") {
            $0.fields = numbers
            $0.options.reportsReadOnlyColumns = true
            $0.error = "Read-only column \"id\" (line 1)"
        },
        Case(
            "cells above the limit", "id,name\n1,123456789\n2,\"1234\"\"6789\"\n3,12345678\n", [[3, "12345678"]],
            problems: [
                "2:3 too_long name", "3:3 too_long name",
            ]
        ) { $0.options.maximumCellByteCount = 8 },
        Case("columns above the limit", "id,name,a,b\n1") {
            $0.options.maximumColumnCount = 2
            $0.error = "The header has more than 2 columns (line 1)"
        },
        Case("header above the limit", "id,name,\"abcdefgh\n1") {
            $0.options.maximumHeaderByteCount = 10
            $0.error = "The header has more than 10 bytes (line 1)"
        },
    ]

    @Test(arguments: cases)
    func `Files are read as specified`(_ file: Case) {
        let whole = CSVReading(file.bytes, file.fields, file.options)
        #expect(whole.error == file.error)
        if file.error == nil {
            #expect(whole.rows == file.rows)
            #expect(whole.problems == file.problems)
        }
        for count in [1, 2, 3, 7] {
            #expect(CSVReading(file.bytes, file.fields, file.options, pieceByteCount: count) == whole)
        }
    }
}
