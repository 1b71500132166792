import HTTPSemantics
import Testing

@Suite struct EntityTagTests {
    @Test func `A tag is written with its quotes`() throws {
        #expect(try #require(EntityTag("abc")).description == "\"abc\"")
        #expect(try #require(EntityTag("", isWeak: true)).description == "W/\"\"")
    }

    @Test(arguments: ["a b", "a\"b", "\n", "\u{7f}", "\t"])
    func `A tag cannot contain invalid characters`(text: String) {
        #expect(EntityTag(text) == nil)
    }

    @Test(arguments: [
        (false, false, true, true), (true, true, false, true), (true, false, false, true), (false, true, false, true),
    ])
    func `Strong comparison needs two strong tags, weak comparison any`(
        left: Bool, right: Bool, strongly: Bool, weakly: Bool
    ) throws {
        // The table of RFC 9110 section 8.8.3.2.
        let (one, two) = (try #require(EntityTag("1", isWeak: left)), try #require(EntityTag("1", isWeak: right)))
        #expect(one.matchesStrongly(two) == strongly)
        #expect(one.matchesWeakly(two) == weakly)
        #expect(!one.matchesWeakly(try #require(EntityTag("2"))))
    }

    @Test(arguments: [
        (#""a""#, [#""a""#]),
        (#""a", W/"b" ,"c""#, [#""a""#, #"W/"b""#, #""c""#]),
        (#""a,b", "c d""#, [#""a,b""#, #""c d""#]),
        (#", ,"a",,"#, [#""a""#]),
        (#"abc, def"#, [#""abc""#, #""def""#]),
        (#""open"#, []),
        (#""a" "open"#, [#""a""#]),
        ("", []),
        ("W/", [#""W/""#]),
        (#""é""#, [#""é""#]),
        (#"*, "a""#, [#""*""#, #""a""#]),
    ])
    func `A list of tags is parsed strictly or without quotes`(field: String, expected: [String]) throws {
        // By RFC 9110, and leniently.
        let condition = EntityTagCondition(field)
        #expect(!condition.isAny)
        #expect(condition.tags.map(\.description) == expected)
        for text in expected {
            let tag = try #require(EntityTag(field: text))
            #expect(condition.matchesWeakly(tag))
            #expect(condition.matchesStrongly(tag) == !tag.isWeak)
        }
    }

    /// A quadratic parser would take minutes for these.
    @Test(.timeLimit(.minutes(5)), arguments: [",", "\"", "W/\"", "\"a\", ", "* ", "W/"])
    func `The longest lists are parsed in one pass`(piece: String) throws {
        let field = String(repeating: piece, count: (1 << 20) / piece.utf8.count)
        let condition = EntityTagCondition(field)
        #expect(!condition.isAny)
        #expect(!condition.matchesStrongly(try #require(EntityTag("b"))))
        #expect(EntityTag(field: field) == nil)
    }

    @Test(arguments: [
        ("\"a\"", "\"a\""), (" W/\"a\" ", "W/\"a\""), ("\"a b\"", "\"a b\""), ("a", nil), ("\"a\", \"b\"", nil),
        ("\"a", nil), ("w/\"a\"", nil), ("\"a\u{7f}\"", nil), ("", nil),
    ])
    func `An ETag field has one tag in quotes`(field: String, tag: String?) {
        #expect(EntityTag(field: field)?.description == tag)
    }

    @Test(arguments: ["*", " * ", "*,"])
    func `An asterisk alone is any tag`(field: String) {
        #expect(EntityTagCondition(field).isAny)
        #expect(!EntityTagCondition("\"*\"").isAny)
    }
}
