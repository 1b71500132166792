import HTTPTypes
import Testing

@testable import HTTPSemantics

@Suite struct ListMembersTests {
    @Test(
        arguments: [
            ("", []), (",", []), (" , ,\t", []), ("a", ["a"]), ("a,b", ["a", "b"]), (" a ,\tb ,", ["a", "b"]),
            ("a b, c", ["a b", "c"]), ("a=\"b,c\", d", ["a=\"b,c\"", "d"]), ("a=\"\\\",\", d", ["a=\"\\\",\"", "d"]),
            ("a=\"b, c", ["a=\"b, c"]), ("\\,a", ["\\", "a"]),
        ] as [(String, [String])]
    )
    func `Commas outside quoted strings separate members`(value: String, expected: [String]) {
        #expect(ListMembers(value.utf8).map { String(Substring($0)) } == expected)
    }

    @Test func `All lines of a field form one list`() {
        var fields = HTTPFields()
        fields.append(HTTPField(name: .vary, value: "Accept"))
        fields.append(HTTPField(name: .vary, value: ", Cookie,"))
        #expect(fields.members(of: .vary) == ["Accept", "Cookie"])
        #expect(fields.members(of: .te).isEmpty)
    }

    @Test(
        arguments: [
            ("close", ["x-other"]), ("X-Hop, close", ["x-other"]), ("close X-Hop", ["x-other"]),
            ("close\", X-Hop", ["x-other"]),
            ("", ["x-hop", "x-other"]), ("Keep-Alive,,X-Hop ,\tX-Other", []),
        ] as [(String, [String])]
    )
    func `Connection lists further hop-by-hop fields`(connection: String, remaining: [String]) {
        let fields: HTTPFields = [
            .connection: connection, .te: "trailers", .transferEncoding: "chunked", .upgrade: "h2c",
            HTTPField.Name("Keep-Alive")!: "timeout=5", HTTPField.Name("X-Hop")!: "1", HTTPField.Name("X-Other")!: "2",
        ]
        let names = fields.hopByHopNames
        let expected = connection == "close" ? ["x-hop"] + remaining : remaining
        #expect(fields.map(\.name.canonicalName).filter { !names.contains(HTTPField.Name($0)!) } == expected)
    }

    @Test(
        arguments: [
            ("/a", "/a", nil), ("/a?", "/a", ""), ("/a?b=c?d", "/a", "b=c?d"), ("?", "", ""), ("", "", nil),
            ("/a?\u{301}b", "/a", "\u{301}b"),
        ] as [(String, String, String?)]
    )
    func `The first question mark separates path and query`(target: String, path: String, query: String?) {
        #expect(Array(target.targetPath.utf8) == Array(path.utf8))
        #expect(target.targetQuery.map { Array($0.utf8) } == query.map { Array($0.utf8) })
    }

    @Test(arguments: [
        ("a+b%20c", "a+b c", "a b c"), ("%2B+%2", "++%2", "+ %2"), ("", "", ""), ("%FF", "\u{FFFD}", "\u{FFFD}"),
    ])
    func `Plus is a space only in forms`(text: String, decoded: String, decodedForm: String) {
        #expect(text[...].percentDecoded == decoded)
        #expect(text[...].percentDecoded(plusIsSpace: true) == decodedForm)
    }
}
