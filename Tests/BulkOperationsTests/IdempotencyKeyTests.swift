import BulkOperations
import HTTPTypes
import Testing

@Suite struct IdempotencyKeyTests {
    @Test(
        arguments: [
            ("\"abc\"", "abc"), ("abc", "abc"), ("  \"abc\"\t", "abc"),
            ("8e03978e-40d5-43e8-bc93-6894a57f9324", "8e03978e-40d5-43e8-bc93-6894a57f9324"),
            (#""a\"b\\c""#, #"a"b\c"#), ("\"a\";v=1", "a"), ("\"a,b;c\"", "a,b;c"), ("a+/=:_~", "a+/=:_~"),
            (String(repeating: "x", count: 255), String(repeating: "x", count: 255)),
        ])
    func `Strings and bare values are keys`(value: String, key: String) throws {
        #expect(try IdempotencyKey(fieldValue: value).text == key)
    }

    @Test(
        arguments: [
            "", " ", "\"\"", "\"", "\"abc", "abc\"", "a b", "\"a b\"", "\"a\", \"b\"", "a,b", "a;b", "\"a\"b",
            #""a\b""#,
            #""a\"#, "ä", "\"ä\"", "a\u{7F}", String(repeating: "x", count: 256),
            "\"" + String(repeating: "x", count: 256) + "\"",
        ])
    func `Other values are no keys`(value: String) {
        #expect(throws: IdempotencyKey.InvalidField.self) { try IdempotencyKey(fieldValue: value) }
    }

    @Test func `Several fields are no key`() throws {
        var request = HTTPRequest(method: .post, scheme: "http", authority: "a", path: "/")
        #expect(try IdempotencyKey(of: request) == nil)
        request.headerFields.append(HTTPField(name: .idempotencyKey, value: "a"))
        #expect(try IdempotencyKey(of: request)?.text == "a")
        request.headerFields.append(HTTPField(name: .idempotencyKey, value: "a"))
        #expect(throws: IdempotencyKey.InvalidField.self) { try IdempotencyKey(of: request) }
    }
}
