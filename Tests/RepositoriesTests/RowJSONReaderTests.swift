import NIOCore
import Repositories
import Testing

@Suite struct RowJSONReaderTests {
    private let reader = RowJSONReader(Places.all)

    @Test func `A complete object becomes one row with defaults`() throws {
        let row = try reader.readObject(
            ByteBuffer(string: #" {"country":"AD", "name" : "a\u00e9\ud83d\ude00\n\/", "area": 1e2, "id": 5} "#))
        #expect(row.columns == ["name", "country", "population", "area", "is_active"])
        #expect(row.rowCount == 1)
        #expect(row.values(row: 0) == ["aé\u{1F600}\n/", "AD", 0, 100.0, true] as [RowValue])
    }

    @Test func `A partial object has only the given columns`() throws {
        let reader = RowJSONReader(Places.all, options: .init(isPartial: true))
        let row = try reader.readObject(ByteBuffer(string: #"{"area":null,"population":3.0}"#))
        #expect(row == RowBatch(["population": 3, "area": .null]))
        #expect(try reader.readObject(ByteBuffer(string: "{}")).columns.isEmpty)
        #expect(row.setting("id", to: 4) == RowBatch(["population": 3, "area": .null, "id": 4]))
    }

    @Test(arguments: [
        (#"{}"#, #"{"name":["This field is required."],"country":["This field is required."]}"#),
        (#"{"name":null,"country":1}"#, #"{"name":["This field may not be null."],"country":["Not a valid string."]}"#),
        (
            #"{"name":"","country":"A"}"#,
            #"{"name":["This field may not be blank."],"country":["Ensure this field has at least 2 characters."]}"#
        ),
        (
            #"{"name":"a","country":"ABC"}"#, #"{"country":["Ensure this field has no more than 2 characters."]}"#
        ),
        (
            #"{"name":"a\u0000","country":"AB"}"#, #"{"name":["Null characters are not allowed."]}"#
        ),
        (#"{"name":"\ud800","country":"AB"}"#, #"{"name":["Not a valid string."]}"#),
        (#"{"name":"a","name":"b","country":"AB"}"#, #"{"name":["This field occurs twice."]}"#),
        (
            #"{"name":"a","country":"AB","population":1.5,"area":"1","is_active":1}"#,
            #"{"population":["A valid integer is required."],"area":["A valid number is required."],"is_active":["Must be a valid boolean."]}"#
        ),
        (
            #"{"name":"a","country":"AB","population":-1,"area":1e10}"#,
            #"{"population":["Ensure this value is greater than or equal to 0."],"area":["Ensure this value is less than or equal to 1000000000."]}"#
        ),
        (
            #"{"name":"a","country":"AB","population":99999999999999999999,"area":1e999}"#,
            #"{"population":["Ensure this value is less than or equal to 2000000000."],"area":["A valid number is required."]}"#
        ),
        (
            #"{"name":"a","country":"AB","population":-9223372036854775809,"area":[{"a":[]}]}"#,
            #"{"population":["Ensure this value is greater than or equal to 0."],"area":["A valid number is required."]}"#
        ),
        (#"[]"#, #"{"non_field_errors":["Invalid data. Expected a dictionary, but got list."]}"#),
        (#"null"#, #"{"non_field_errors":["Invalid data. Expected a dictionary, but got NoneType."]}"#),
    ])
    func `Problems have the messages of Django REST framework`(body: String, errors: String) throws {
        let error = #expect(throws: FieldErrors.self) { try reader.readObject(ByteBuffer(string: body)) }
        #expect(error?.description == errors)
    }

    @Test(arguments: [
        "", " ", "{", "{}x", "{,}", #"{"a":1,}"#, #"{"a" 1}"#, #"{"a":}"#, "{a:1}", #"{"name":"a"#, "[1", "nul", "tru",
        #"{"area":01}"#, #"{"area":1.}"#, #"{"area":.5}"#, #"{"area":+1}"#, #"{"area":-}"#, #"{"area":NaN}"#,
        #"{"area":Infinity}"#, #"{"area":1e}"#, #"{"name":"\x"}"#, #"{"name":"\u12G4"}"#, "{\"name\":\"\u{1}\"}",
        "{\"name\":\"a\nb\"}", "{'name':1}", "{\"a\":[1,2}", "/**/{}", #"{"area":0x1}"#, "\u{FEFF}",
    ])
    func `Anything but strict JSON is a syntax error`(body: String) {
        #expect(throws: JSONSyntaxError.self) { try reader.readObject(ByteBuffer(string: body)) }
        #expect(throws: JSONSyntaxError.self) { try reader.readArray(ByteBuffer(string: "[" + body)) }
    }

    @Test(
        arguments: [[0x80], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0xFF]]
            as [[UInt8]])
    func `Invalid UTF-8 is a syntax error`(bytes: [UInt8]) {
        let body = ByteBuffer(bytes: Array(#"{"name":""#.utf8) + bytes + Array(#"","country":"AB"}"#.utf8))
        #expect(throws: JSONSyntaxError.self) { try reader.readObject(body) }
    }

    @Test func `Deep, large and long bodies are refused`() throws {
        let deep = String(repeating: "[", count: 1_000_000)
        for body in [deep, #"{"other":"# + deep, String(repeating: #"{"name":"#, count: 100_000)] {
            let error = #expect(throws: JSONSyntaxError.self) { try reader.readObject(ByteBuffer(string: body)) }
            #expect(error?.isTooLarge == true)
        }
        var options = RowJSONReader.Options()
        options.maximumRowCount = 2
        options.maximumByteCount = 1000
        options.maximumTextByteCount = 10
        let small = RowJSONReader(Places.all, options: options)
        #expect(throws: JSONSyntaxError.self) { try small.readArray(ByteBuffer(string: "[{},{},{}]")) }
        let long = String(repeating: " ", count: 1001)
        #expect(throws: JSONSyntaxError.self) { try small.readObject(ByteBuffer(string: long)) }
        let error = #expect(throws: FieldErrors.self) {
            try small.readObject(ByteBuffer(string: #"{"name":"12345678901","country":"AB"}"#))
        }
        #expect(error?["name"] == ["Ensure this field has no more than 10 bytes."])
        let number = #"{"name":"a","country":"AB","area":1"# + String(repeating: "0", count: 100_000) + "}"
        #expect(throws: FieldErrors.self) { try reader.readObject(ByteBuffer(string: number)) }
    }

    @Test func `Unknown and read-only members are reported on demand`() throws {
        let body = ByteBuffer(string: #"{"nmae":"a","name":"b","id":1,"folded_name":"c","version":[2],"country":"AB"}"#)
        #expect(try reader.readObject(body).value(row: 0, field: "name") == "b")
        var options = RowJSONReader.Options()
        options.reportsUnknownMembers = true
        options.reportsReadOnlyMembers = true
        let error = #expect(throws: FieldErrors.self) {
            try RowJSONReader(Places.all, options: options).readObject(body)
        }
        #expect(
            error?.description
                == #"{"nmae":["Unknown field."],"id":["This field is read-only."],"folded_name":["Unknown field."],"version":["This field is read-only."]}"#
        )
    }

    @Test func `Valid rows of an array are separated from problems`() throws {
        let body = ByteBuffer(
            string: #"[{"name":"a","country":"AB"}, 5, {"name":"b"}, {"country":"CD","name":"c","area":2}]"#)
        let reading = try reader.readArray(body)
        #expect(reading.indexes == [0, 3])
        #expect(reading.rows.rowCount == 2)
        #expect(reading.rows.value(row: 1, field: "name") == "c")
        #expect(reading.problems.map(\.index) == [1, 2])
        #expect(reading.problems[1].errors["country"] == ["This field is required."])
        let error = #expect(throws: FieldErrors.self) { try reader.readArray(ByteBuffer(string: "{}")) }
        #expect(error?["non_field_errors"] == [#"Expected a list of items but got type "dict"."#])
    }

    @Test func `Rows of a partial array have absent cells and keys`() throws {
        var options = RowJSONReader.Options(isPartial: true)
        options.readsKey = true
        let reader = RowJSONReader(Places.all, options: options)
        let reading = try reader.readArray(
            ByteBuffer(string: #"[{"id":1,"area":null},{"name":"x","id":2},{"name":"y"}]"#))
        #expect(reading.rows.value(row: 0, field: "area") == .null)
        #expect(reading.rows.value(row: 1, field: "area") == nil)
        #expect(reading.rows.value(row: 1, field: "id") == 2)
        #expect(reading.problems.map(\.errors.description) == [#"{"id":["This field is required."]}"#])
    }

    @Test func `What is written is read again`() throws {
        var rows = RowBatch(columns: ["name", "country", "population", "area", "is_active"])
        for number in 0..<200 {
            let values: [RowValue] = [
                .text("\u{1F600}é\"\\\n\t\u{1}\(number)"), "ÄÖ", .integer(Int64(number * 9_999_999)),
                number % 3 == 0 ? .null : .number(Double(number) / 7), .boolean(number % 2 == 0),
            ]
            for value in values { rows.append(value) }
        }
        var buffer = ByteBuffer()
        JSONRowWriter(Places.all, names: rows.columns).write(rows, to: &buffer)
        let reading = try reader.readArray(buffer)
        #expect(reading.problems.isEmpty)
        #expect(reading.rows == rows)
    }
}
