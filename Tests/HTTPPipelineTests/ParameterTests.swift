import HTTPPipeline
import HTTPTypes
import Testing

@Suite struct ParameterTests {
    @Test(arguments: [
        ("/cities", []),
        ("/cities?", []),
        ("/c?a=1&b=2&a=3", ["a=1", "b=2", "a=3"]),
        ("/c?a=x+y&b=x%20y", ["a=x y", "b=x y"]),
        ("/c?a&b=&&=v&", ["a=", "b=", "=v"]),
        ("/c?a=1;b=2", ["a=1;b=2"]),
        ("/c?a=%zz&b=%4&c=%", ["a=%zz", "b=%4", "c=%"]),
        ("/c?a=%FF%41", ["a=\u{FFFD}A"]),
        ("/c?a=%D0%9B&%D0%9B=b", ["a=Л", "Л=b"]),
        ("/c?a==b", ["a==b"]),
        ("/c?a?b=c", ["a?b=c"]),
    ])
    func `A query is decoded like a form`(target: String, expected: [String]) {
        #expect(QueryParameters(target: target).parameters.map { "\($0.name)=\($0.value)" } == expected)
    }

    @Test(arguments: [
        ("/a%2Fb", "/a/b"), ("%+1%-1% 1", "%+1%-1% 1"), ("%4", "%4"), ("%", "%"), ("%zz%4z", "%zz%4z"),
        ("%%341", "%41"),
        ("%c3%A9%FF", "\u{E9}\u{FFFD}"), ("a+b", "a+b"), ("/a%\u{664}1", "/a%\u{664}1"),
    ])
    func `Only two hexadecimal digits are percent-decoded`(text: String, expected: String) {
        #expect(text[...].percentDecoded == expected)
    }

    @Test func `Values are equal and hash alike by their bytes`() {
        let (composed, decomposed) = (ParameterValue.string("\u{E9}"), ParameterValue.string("e\u{301}"))
        #expect(Set([composed, decomposed, .object([.init("\u{E9}", 1)]), .object([.init("e\u{301}", 1)])]).count == 4)
        let marks = String(repeating: "\u{345}\u{301}", count: 100_000)
        #expect(Set([ParameterValue.string(marks), .object([.init(marks, 1)])]).contains(.string(marks)))
    }

    @Test(arguments: ["/a?b", "/a?\u{301}b", "/a"])
    func `Without a route the view is the path`(target: String) {
        let request = HTTPRequest(method: .get, scheme: "http", authority: "example.test", path: target)
        #expect(Route(of: request).view == "/a")
    }

    @Test func `The last value of a repeated query parameter counts`() {
        // All of them are available.
        let query = QueryParameters(query: "a=1&b=2&a=3")
        #expect(query["a"] == "3")
        #expect(query.values(for: "a") == ["1", "3"])
        #expect(query["c"] == nil)
    }

    @Test func `The order of named path parameters is irrelevant`() {
        let one = PathParameters(named: [.init("id", 5), .init("city", "Rome")])
        let two = PathParameters(named: [.init("city", "Rome"), .init("id", 5)])
        #expect(one == two)
        #expect(one["id"] == 5)
        #expect(one["ID"] == nil)
        #expect(PathParameters(named: [.init("a", 1), .init("a", 2)]) == PathParameters(named: [.init("a", 2)]))
    }

    @Test func `Values differ by kind and by code point`() {
        let values: [ParameterValue] = [
            nil, 1, 1.0, "1", true, [1], ["a": 1], "e\u{301}", "\u{e9}", 0.0, .double(-0.0), [], .object([]),
        ]
        for (left, one) in values.enumerated() {
            for (right, other) in values.enumerated() {
                #expect((one == other) == (left == right), "\(one) and \(other)")
            }
        }
        let ordered: ParameterValue = ["a": 1, "b": 2]
        let reversed: ParameterValue = ["b": 2, "a": 1]
        #expect(ordered == reversed)
        #expect(ordered.hashValue == reversed.hashValue)
    }
}
