import NIOCore
import Repositories
import Testing

@Suite struct RowWriterTests {
    private static let rows = RowBatch(
        columns: ["id", "name", "country", "population", "area", "is_active", "version", "folded_name"],
        rows: [
            [1, "a\"\\/\u{8}\u{C}\u{1F}\u{7F}é\u{2028}", "AD", -0, 0.1, true, 1, "x"],
            [.integer(.min), "", "ES", .integer(.max), .null, false, 2, "y"],
        ])

    @Test func `Rows are objects of the visible fields`() {
        var buffer = ByteBuffer()
        JSONRowWriter(Places.all).write(Self.rows, to: &buffer)
        let first =
            #"{"id":1,"name":"a\"\\/\b\f\u001f"# + "\u{7F}é\u{2028}"
            + #"","country":"AD","population":0,"area":0.1,"is_active":true,"version":1}"#
        let second =
            #"{"id":-9223372036854775808,"name":"","country":"ES","population":9223372036854775807,"area":null,"is_active":false,"version":2}"#
        #expect(String(buffer: buffer) == "[\(first),\(second)]")
    }

    @Test func `Selected fields and further members are written`() {
        var buffer = ByteBuffer()
        JSONRowWriter(Places.all, names: ["name", "id"]).write(row: 1, of: Self.rows, to: &buffer) { row, members in
            members.write("resource_uri", .text("/places/\(row)"))
            members.write("tags") { $0.writeString("[1]") }
        }
        JSONRowWriter(Places.all, names: []).write(row: 0, of: Self.rows, to: &buffer) { $1.write("a", .null) }
        JSONRowWriter(Places.all).write(RowBatch(columns: ["id"]), to: &buffer)
        #expect(
            String(buffer: buffer)
                == #"{"name":"","id":-9223372036854775808,"resource_uri":"/places/1","tags":[1]}{"a":null}[]"#)
    }

    @Test(
        arguments: [
            (0, "0.0"), (-0.0, "-0.0"), (1e16, "1e+16"), (5e-324, "5e-324"), (0.1 + 0.2, "0.30000000000000004"),
            (.nan, "null"),
            (-.infinity, "null"), (1.7976931348623157e308, "1.7976931348623157e+308"), (-1.5e-300, "-1.5e-300"),
        ] as [(Double, String)])
    func `Numbers have the shortest digits`(number: Double, text: String) {
        var buffer = ByteBuffer()
        buffer.writeJSON(.number(number))
        #expect(String(buffer: buffer) == text)
    }

    @Test func `CSV quotes cells and disarms formulas`() {
        let rows = RowBatch(
            columns: ["id", "name", "country", "area"],
            rows: [
                [1, "a,\"b\"", "=1+1", 0.5], [2, "two\nlines", "@x", .null], [-3, "-1", "+1", -2.0],
                [4, "", "\t,", 1.0],
                [5, " x", "a=b", .null],
            ])
        var buffer = ByteBuffer()
        let writer = CSVRowWriter(Places.all, names: ["id", "name", "country", "area"])
        writer.writeHeader(to: &buffer)
        writer.write(rows, to: &buffer)
        #expect(
            String(buffer: buffer).split(separator: "\r\n") == [
                "id,name,country,area", "1,\"a,\"\"b\"\"\",'=1+1,0.5", "2,\"two\nlines\",'@x,", "-3,'-1,'+1,-2.0",
                "4,\"\",\"'\t,\",1.0", "5,\" x\",a=b,",
            ])
    }
}
