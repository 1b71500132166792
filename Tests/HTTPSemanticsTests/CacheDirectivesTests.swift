import HTTPSemantics
import HTTPTypes
import Testing

@Suite struct CacheDirectivesTests {
    @Test(arguments: ["", "max-age=5", "no-stor", "no store", "public, no-transform"])
    func `A text without the word is not parsed`(value: String) {
        #expect(!value.mayContain("no-store"))
    }

    @Test(
        arguments: [
            ("no-store", true), ("No-Store", true), ("private, no-store", true), ("no-store=1", true),
            ("no-store-x", false), ("x=\"no-store\"", false), ("x=\", no-store, \"", false), ("", false), (",,", false),
            ("=no-store", false), ("x=\"a\\\"\", no-store", true), ("\"no-store", false), (" no-store ;x", false),
        ]
    )
    func `A directive is found by its name`(value: String, isFound: Bool) {
        #expect(CacheDirectives(value).contains("no-store") == isFound)
        #expect(!isFound || value.mayContain("no-store"))
    }

    @Test(
        arguments: [
            ("", nil), ("max-age", 0), ("max-age=", 0), ("max-age=5", 5), ("MAX-AGE=0005", 5),
            ("max-age=\"3600\"", 3600),
            ("max-age=-1", 0), ("max-age=+1", 0), ("max-age=1.5", 0), ("max-age='5'", 0), ("max-age= 5", 0),
            ("max-age=5x", 0),
            ("max-age=2147483647", 2_147_483_647), ("max-age=2147483648", 1 << 31),
            ("max-age=99999999999999999999999", 1 << 31),
            ("max-age=9, max-age=5", 5), ("max-age=9, max-age=x", 0), ("s-maxage=1", nil),
            ("extension=\"max-age=3600\", max-age=1", 1), ("extension=\"max-age=3600, x\", max-age=1", 1),
        ] as [(String, Int?)]
    )
    func `Seconds saturate and invalid ones are 0`(value: String, expected: Int?) {
        #expect(CacheDirectives(value).seconds(of: "max-age") == expected)
    }

    @Test(
        arguments: [
            ("", nil), ("no-cache", []), ("no-cache=Set-Cookie", ["set-cookie"]), ("no-cache=\"A, b\"", ["a", "b"]),
            ("no-cache=\"A\", no-cache=\"B\"", ["a", "b"]), ("no-cache=\"A\", no-cache", []), ("no-cache=\"a b\"", []),
        ] as [(String, Set<String>?)]
    )
    func `Arguments may be lists of field names`(value: String, expected: Set<String>?) {
        let names = CacheDirectives(value).fieldNames(of: "no-cache")
        #expect(names.map { Set($0.map(\.canonicalName)) } == expected)
    }

    @Test func `All lines are parsed`() {
        var fields = HTTPFields()
        fields.append(HTTPField(name: .cacheControl, value: "public"))
        fields.append(HTTPField(name: .cacheControl, value: "max-age=7, ext=\"a\\\\b\""))
        let directives = CacheDirectives(fields)
        #expect(directives.directives.map(\.name) == ["public", "max-age", "ext"])
        #expect(directives.directives.map(\.argument) == [nil, "7", "a\\b"])
    }
}
