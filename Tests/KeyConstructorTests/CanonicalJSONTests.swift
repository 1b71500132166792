import HTTPPipeline
import KeyConstructor
import PipelineTesting
import Testing

@Suite struct CanonicalJSONTests {
    struct ConstantKeyBit: KeyBit {
        let value: KeyValue
        func write(_ exchange: Exchange, to writer: inout KeyWriter) { writer.write(value) }
    }

    static func json(_ value: KeyValue) async throws -> String {
        let constructor: KeyConstructor = ["v": .custom(ConstantKeyBit(value: value))]
        let text = try await constructor.explanation(for: .testing())
        #expect(try await constructor.key(for: .testing()) == CacheKey(digestOf: text))
        return String(text.dropFirst(6).dropLast())
    }

    @Test(arguments: [
        ("", #""""#), ("a/b", #""a/b""#), ("say \"hi\" \\", #""say \"hi\" \\""#),
        ("\n\r\t\u{8}\u{c}", #""\n\r\t\b\f""#),
        ("\u{0}\u{1f}\u{7f}\u{80}", #""\u0000\u001f\u007f\u0080""#),
        ("Лондон", #""\u041b\u043e\u043d\u0434\u043e\u043d""#),
        ("😀", #""\ud83d\ude00""#), ("\u{ffff}\u{10000}", #""\uffff\ud800\udc00""#), ("e\u{301}", #""e\u0301""#),
        ("\u{e9}", #""\u00e9""#), ("eight chars long and plain ~", #""eight chars long and plain ~""#),
        ("seven77\u{7f}", #""seven77\u007f""#), ("a\r\nb", #""a\r\nb""#),
    ])
    func `Strings are escaped as Python escapes them`(text: String, expected: String) async throws {
        #expect(try await Self.json(.string(text)) == expected)
    }

    @Test(
        arguments: [
            (0.0, "0.0"), (-0.0, "-0.0"), (1.0, "1.0"), (-1.5, "-1.5"), (0.1, "0.1"), (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (0.00012345, "0.00012345"), (0.000012345, "1.2345e-05"), (1e15, "1000000000000000.0"), (1e16, "1e+16"),
            (123456789012345680, "1.2345678901234568e+17"), (1234567890123456, "1234567890123456.0"), (1e22, "1e+22"),
            (1.7976931348623157e308, "1.7976931348623157e+308"), (.leastNonzeroMagnitude, "5e-324"),
            (2.2250738585072014e-308, "2.2250738585072014e-308"),
            (100, "100.0"), (12.5, "12.5"), (1e100, "1e+100"),
            (.infinity, "Infinity"), (-.infinity, "-Infinity"), (.nan, "NaN"),
        ] as [(Double, String)])
    func `Floating-point numbers are written as Python's repr`(value: Double, expected: String) async throws {
        #expect(try await Self.json(.double(value)) == expected)
    }

    @Test func `Containers have Python's separators and sorted names`() async throws {
        #expect(try await Self.json([]) == "[]")
        #expect(try await Self.json(.object([])) == "{}")
        #expect(try await Self.json([1, "a", nil, true, 1.0, [2]]) == #"[1, "a", null, true, 1.0, [2]]"#)
        #expect(try await Self.json(["b": ["y": 1, "x": []], "a": false]) == #"{"a": false, "b": {"x": [], "y": 1}}"#)
        #expect(
            try await Self.json(["\u{10000}": 1, "\u{ffff}": 2]) == #"{"\uffff": 2, "\ud800\udc00": 1}"#,
            "names are sorted by code point"
        )
        #expect(try await Self.json(.integer(.min)) == "-9223372036854775808")
    }

    @Test func `Text longer than the writer's buffer is written whole`() async throws {
        let long = String(repeating: "0123456789", count: 500)
        #expect(try await Self.json(.string(long)) == "\"\(long)\"")
        let accented = String(repeating: "é", count: 700)
        #expect(try await Self.json(.string(accented)) == "\"\(String(repeating: #"\u00e9"#, count: 700))\"")
    }
}
