import HTTPSemantics
import Testing

@Suite struct NegotiationTests {
    static let formats = FormatNegotiation([
        .init(name: "json", mediaType: "application/json"), .init(name: "csv", mediaType: "text/csv"),
    ])

    @Test(
        arguments: [
            (nil, nil, "json"),
            ("", nil, "json"),
            ("*/*", nil, "json"),
            ("text/csv", nil, "csv"),
            ("TEXT/CSV; charset=utf-8", nil, "csv"),
            ("text/*", nil, "csv"),
            ("application/json;q=0.1, text/csv;q=0.2", nil, "csv"),
            ("application/json;q=0.1, */*;q=0.5", nil, "csv"),
            ("text/html, application/xml;q=0.9, */*;q=0.8", nil, "json"),
            ("application/json;q=0, */*", nil, "csv"),
            ("text/csv;q=oops, application/json", nil, "json"),
            ("text/csv;x=\"a,b;q=0\", application/json;q=0.5", nil, "csv"),
            ("application/json", "csv", "csv"),
            ("text/csv", "", "csv"),
        ] as [(String?, String?, String)])
    func `The format with the highest weight is chosen`(accept: String?, query: String?, expected: String) throws {
        #expect(try Self.formats.format(accept: accept, query: query).name == expected)
    }

    @Test(
        arguments: [
            ("text/html", nil), ("application/json;q=0, text/csv;q=0", nil), ("*/*;q=0", nil), ("*/*", "xml"),
            (nil, "JSON"),
        ] as [(String?, String?)])
    func `A refusal lists the formats on offer`(accept: String?, query: String?) {
        let error = #expect(throws: FormatNegotiation.NotAcceptable.self) {
            try Self.formats.format(accept: accept, query: query)
        }
        #expect(error?.offered == Self.formats.offered)
        #expect(error?.description.contains("text/csv (?format=csv)") == true)
    }

    @Test func `A range of any length is refused quickly`() {
        let range = Array(repeating: "aa", count: 30_000).joined(separator: "-")
        #expect(LanguageNegotiation(["en", "de"]).language(accept: "\(range), de") == "de")
    }

    @Test(
        arguments: [
            (nil, "en"), ("", "en"), ("de", "de"), ("DE", "de"), ("de-AT", "de"), ("de-CH-1996", "de"), ("fr", "en"),
            ("fr, de;q=0.5", "de"), ("en;q=0.2, de;q=0.8", "de"), ("de;q=0, en;q=0.1", "en"), ("*", "en"),
            ("de;q=0.5, zh-Hans;q=0.7", "zh-Hans"), ("zh-hans-CN", "zh-Hans"), ("zh", "en"), ("de-x-private", "de"),
            ("de;q=1.5, en", "en"), ("deu", "en"),
        ] as [(String?, String)])
    func `Languages are looked up in order of preference`(accept: String?, expected: String) {
        #expect(LanguageNegotiation(["en", "de", "zh-Hans"]).language(accept: accept) == expected)
    }
}
