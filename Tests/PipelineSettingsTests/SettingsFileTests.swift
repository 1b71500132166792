import CacheMiddleware
import Foundation
import Testing

@testable import PipelineSettings

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Files with the errors of users and of broken deployments.
@Suite struct SettingsFileTests {
    /// A section with this text as the value of a setting that takes strings.
    static func section(_ value: String) -> String { #"{"responseCache": {"cache": {"name": \#(value)}}}"# }

    @Test(arguments: [
        ("", ["1:1 unexpected end of file; expected a value"]),
        ("\u{FEFF} x", [#"1:2 unexpected "x"; expected a value"#]),
        ("{", [#"1:2 unexpected end of file; "}" is missing for line 1, column 1"#]),
        (#"{"responseCache": }"#, ["1:19 expected a value"]),
        (
            #"{"responseCache": {"#,
            [
                #"1:20 unexpected end of file; "}" is missing for line 1, column 19"#,
                #"1:20 unexpected end of file; "}" is missing for line 1, column 1"#,
            ]
        ),
        ("{}\n{}", ["2:1 unexpected text after the end of the JSON value"]),
        ("{},", ["1:3 unexpected text after the end of the JSON value"]),
        (#"{"a": 1,}"#, ["1:8 trailing comma"]),
        (#"{"a": [1, 2 , ]}"#, ["1:13 trailing comma"]),
        ("{,}", ["1:2 unexpected comma"]),
        (#"{"a": 1,,"b": 2}"#, ["1:9 unexpected comma"]),
        (#"{"a": 1 "b": 2}"#, [#"1:9 expected a comma or "}""#]),
        (#"{"a": [1 2]}"#, [#"1:10 expected a comma or "]""#]),
        (#"{"a" 1}"#, ["1:6 expected a colon"]), (#"{"a"}"#, ["1:5 expected a colon"]),
        (#"{"a":: 1}"#, ["1:6 unexpected colon"]), ("[:1]", ["1:2 unexpected colon"]),
        ("{a: 1}", ["1:2 expected a member name in double quotes"]),
        ("{'a': 1}", ["1:2 expected a member name in double quotes"]),
        ("{1: 1}", ["1:2 expected a member name in double quotes"]),
        ("{: 1}", ["1:2 expected a member name"]),
        ("{[1]: 1}", ["1:2 expected a member name in double quotes"]),
        (#"{"a": 'b, c'}"#, ["1:7 strings have double quotes, not single ones"]),
        (
            #"{"a": [1}"#,
            [
                #"1:9 expected "]", not "}""#, #"1:10 unexpected end of file; "}" is missing for line 1, column 1"#,
            ]
        ),
        ("{\n  // a comment\n  \"a\": /* another */ 1\n}", ["2:3 JSON has no comments", "3:8 JSON has no comments"]),
        ("{} /* ", ["1:4 JSON has no comments"]),
        (
            #"{"a": NaN, "b": True, "c": nul}"#,
            [
                #"1:7 unexpected "NaN"; expected a value"#, #"1:17 unexpected "True"; expected a value"#,
                #"1:28 unexpected "nul"; expected a value"#,
            ]
        ),
        (
            #"[007, 5., .5, +1, 1e, 0x1F, -, 1.e1, 01]"#,
            [
                #"1:2 "007" is not a JSON number"#, #"1:7 "5." is not a JSON number"#,
                #"1:11 ".5" is not a JSON number"#,
                #"1:15 "+1" is not a JSON number"#, #"1:19 "1e" is not a JSON number"#,
                #"1:23 "0x1F" is not a JSON number"#, #"1:29 "-" is not a JSON number"#,
                #"1:32 "1.e1" is not a JSON number"#, #"1:38 "01" is not a JSON number"#,
            ]
        ),
        (
            "{\u{A0}\"a\": 1}",
            [
                "1:2 expected a member name in double quotes", "1:3 expected a colon", #"1:6 expected a comma or "}""#,
                "1:6 expected a member name",
            ]
        ),
        ("{\"a\": \"b\tc\"}", [#"1:9 unescaped control character in a string; write \u0009"#]),
        ("{\"a\": \"\u{1F}\"}", [#"1:8 unescaped control character in a string; write \u001F"#]),
        ("{\"a\": \"b\n}", ["1:7 the string has no closing quote on its line"]),
        (
            #"{"a": "b"#,
            [
                "1:7 unexpected end of file; the string has no closing quote",
                #"1:9 unexpected end of file; "}" is missing for line 1, column 1"#,
            ]
        ),
        (
            #"["\x", "\é", "\u12", "\u12G4", "\"]"#,
            [
                #"1:3 invalid escape sequence "\x""#, "1:9 invalid escape sequence",
                #"1:15 invalid escape sequence; "\u" takes four hexadecimal digits"#,
                #"1:23 invalid escape sequence; "\u" takes four hexadecimal digits"#,
                "1:32 unexpected end of file; the string has no closing quote",
                #"1:36 unexpected end of file; "]" is missing for line 1, column 1"#,
            ]
        ),
    ])
    func `Invalid JSON is reported with line and column`(json: String, problems: [String]) throws {
        // A section is only looked for in an object.
        let found = try Settings.placedProblems(json: json).filter { !$0.contains("the top level is") }
        #expect(found == problems)
    }

    @Test func `Syntax and settings are reported together`() throws {
        let problems = try Settings.placedProblems(
            json: """
                {"other": 007, "responseCache": {"cache":
                  {"lifetime": 5, "liftime": 3, "sharing": "x", "staleIfError": 5., "waitLimit": [1 2],},
                 "äöü": 1, "keys": "key", "memoizesKeys": 1}
                """)
        #expect(
            problems == [
                #"1:11 "007" is not a JSON number"#,
                #"2:19 unknown setting "responseCache.cache.liftime"; did you mean "responseCache.cache.lifetime"?"#,
                #"2:44 responseCache.cache.sharing is "x"; expected "guarded", "perUser" or "public""#,
                #"2:65 "5." is not a JSON number"#,
                #"2:82 responseCache.cache.waitLimit is [12]; expected \#(SettingsErrorTests.seconds), or "none""#,
                #"2:85 expected a comma or "]""#,
                "2:87 trailing comma",
                #"3:2 unknown setting "responseCache.äöü""#,
                #"3:20 responseCache.keys is "key"; expected an object"#,
                "3:43 responseCache.memoizesKeys is 1; expected true or false",
                #"3:45 unexpected end of file; "}" is missing for line 1, column 1"#,
            ])
    }

    @Test(arguments: [
        #""cache": {"lifetime": 1}, "cache": {"liftime": 2}"#: [
            #"1:46 duplicate member "responseCache.cache"; the first one is at 1:20"#,
            #"1:56 unknown setting "responseCache.cache.liftime"; did you mean "responseCache.cache.lifetime"?"#,
        ],
        #""preset": "drf", "preset": "standard""#: [
            #"1:37 duplicate member "responseCache.preset"; the first one is at 1:20"#
        ],
        #""cache": {"lifetime": 1, "lifetime": -1, "l\u0069fetime": 2}"#: [
            #"1:45 duplicate member "responseCache.cache.lifetime"; the first one is at 1:30"#,
            #"1:57 responseCache.cache.lifetime is -1; expected \#(SettingsErrorTests.seconds), "forever" or "doNotStore""#,
            #"1:61 duplicate member "responseCache.cache.lifetime"; the first one is at 1:30"#,
        ],
        #""cache": {"statusLifetimes": {"404": 1, "404": 1}}"#: [
            #"1:60 duplicate member "responseCache.cache.statusLifetimes.404"; the first one is at 1:50"#
        ],
        #""x": 1, "x": 2"#: [
            #"1:20 unknown setting "responseCache.x""#,
            #"1:28 duplicate member "responseCache.x"; the first one is at 1:20"#,
            #"1:28 unknown setting "responseCache.x""#,
        ],
    ])
    func `A duplicate member is an error`(section: String, problems: [String]) throws {
        // Both values are checked.
        #expect(try Settings.placedProblems(json: "{\"responseCache\": {\(section)}}") == problems)
    }

    @Test func `A duplicate section is an error`() throws {
        let json = #"{"responseCache": {"cache": {}}, "a": 1, "a": 2, "responseCache": {"cache": {"lifetime": "x"}}}"#
        #expect(
            try Settings.placedProblems(json: json) == [
                #"1:50 duplicate member "responseCache"; the first one is at 1:2"#,
                #"1:90 responseCache.cache.lifetime is "x"; expected \#(SettingsErrorTests.seconds), "forever" or "doNotStore""#,
            ])
    }

    @Test(arguments: [
        "1e400", "-1E+400", #""\ud800""#, #"["\udc00\ud800"]"#, String(repeating: "9", count: 100_000), "-0.0e-0",
        #"{"a": {"a": 1, "a": 2}}"#, #""\u0000\"\\\/\b\f\n\r\t""#, "\"\u{7F}\u{10FFFF}\"",
        String(repeating: "[", count: 63) + String(repeating: "]", count: 63),
    ])
    func `Valid JSON outside the section is accepted`(value: String) throws {
        let json = #" {"other": \#(value), "responseCache": {"cache": {"lifetime": 5}}} "#
        #expect(try Settings.load(json: json).cache.lifetime.duration == .seconds(5))
    }

    @Test(
        arguments: [
            ("lifetime", "1e400", #"1e400; expected \#(SettingsErrorTests.seconds), "forever" or "doNotStore""#),
            ("lifetimeJitter", "-1e999", "-1e999; expected a number from 0 to 1"),
            ("maximumBodySize", "9223372036854775808", "9223372036854775808; expected a whole number from 0"),
            ("maximumBodySize", "1e18", "1e18; expected a whole number from 0"),
            ("maximumBodySize", "1e-400", nil), ("maximumBodySize", "9223372036854775807", nil),
            ("maximumBodySize", "9007199254740993", nil), ("maximumBodySize", "2.048e3", nil),
            ("lifetime", "1e-3", nil),
        ] as [(String, String, String?)])
    func `A number is checked where a setting reads it`(member: String, text: String, problem: String?) throws {
        let json = #"{"responseCache": {"cache": {"\#(member)": \#(text)}}}"#
        #expect(try Settings.problems(json: json) == (problem.map { ["responseCache.cache.\(member) is \($0)"] } ?? []))
        guard problem == nil, member == "maximumBodySize" else { return }
        let expected = Int(text) ?? Int(Double(text)!)
        #expect(try Settings.load(json: json).cache.maximumBodySize == expected)
    }

    @Test func `An unpaired surrogate is not text for a setting`() throws {
        #expect(
            try Settings.placedProblems(json: Self.section(#""a\ud83d b""#)) == [
                "1:40 unpaired surrogate in the string of responseCache.cache.name"
            ])
        let array = #"{"responseCache": {"cache": {"unstoredFields": ["a\udc00", "b", "\ud800\u0041"]}}}"#
        #expect(
            try Settings.placedProblems(json: array) == [
                "1:51 unpaired surrogate in the string of responseCache.cache.unstoredFields",
                "1:66 unpaired surrogate in the string of responseCache.cache.unstoredFields",
            ])
        #expect(try Settings.load(json: #"{"responseCache": {"buildID": "\u0041\u007e"}}"#).buildID == "A~")
    }

    @Test(
        arguments: [
            [0xFF], [0xC0, 0xAF], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0x80],
            [0xE0, 0x80, 0x80], [0xF0, 0x80, 0x80, 0x80], [0xC2, 0x41, 0xFF, 0xFE],
        ] as [[UInt8]])
    func `Invalid UTF-8 is reported once for each string`(bytes: [UInt8]) throws {
        let json = Array(#"{"a": "é"#.utf8) + bytes + Array(#"", "responseCache": {"x": 1}}"#.utf8)
        let problems = try Settings.errors(json: json)
        #expect(problems.map(\.message) == ["invalid UTF-8 in a string", #"unknown setting "responseCache.x""#])
        #expect(problems.first?.position?.description == "1:9")
    }

    @Test(arguments: [[0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00], [0xFE, 0xFF, 0x00, 0x7B]] as [[UInt8]])
    func `UTF-16 is reported by name`(bytes: [UInt8]) throws {
        #expect(
            try Settings.errors(json: bytes).map(\.message) == ["the text is UTF-16, but JSON files are UTF-8"])
    }

    @Test func `Nesting is limited, and the rest is parsed`() throws {
        for (open, close) in [("[", "]"), (#"{"]":"#, "}")] {
            let nested = String(repeating: open, count: 64) + "1" + String(repeating: close, count: 64)
            let problems = try Settings.problems(json: #"{"other": \#(nested), "responseCache": {"x": 1}}"#)
            #expect(problems == ["nesting is deeper than 64 levels", #"unknown setting "responseCache.x""#])
        }
        let deep = #"{"a": "# + String(repeating: "[", count: 500_000)
        #expect(try Settings.problems(json: deep).first == "nesting is deeper than 64 levels")
    }

    @Test func `Parsing stops after many syntax errors`() throws {
        let problems = try Settings.placedProblems(json: #"{"a": ["# + String(repeating: "x,", count: 100_000))
        #expect(problems.count == 21)
        #expect(problems.last == "1:47 too many syntax errors; the rest was not read")
    }

    @Test func `Files above one mebibyte are rejected`() throws {
        let start = #"{"responseCache": {"cache": {"lifetime": 5}}, "other": ""#
        let fill = String(repeating: "x", count: (1 << 20) - start.utf8.count - 2)
        #expect(try Settings.load(json: start + fill + "\"}").cache.lifetime.duration == .seconds(5))
        #expect(try Settings.problems(json: start + fill + "\"} ") == ["larger than 1 MiB"])
        #expect(throws: SettingsError.self) { try Settings.load(environment: [:], jsonFile: "/dev/zero") }
    }

    @Test func `Many unknown settings are all reported`() throws {
        let members = (0..<20_000).map { "\"timeou\($0)\": 1" }.joined(separator: ", ")
        #expect(try Settings.problems(json: #"{"responseCache": {"cache": {\#(members)}}}"#).count == 20_000)
    }

    static func problem(_ path: String) -> String? {
        do throws(SettingsError) {
            _ = try Settings.load(environment: [:], jsonFile: path)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        ("/no/such.json", "no such file"), ("/", "is a directory"), ("/dev/null/x", "Not a directory"),
        ("/\(String(repeating: "x", count: 300))", "File name too long"), ("", "no such file"),
        ("/dev/null\0.json", "no such file"),
    ])
    func `An unreadable file is reported with the reason`(path: String, reason: String) {
        #expect(Self.problem(path) == "invalid settings:\n- \(path): \(reason)")
    }

    @Test(.enabled(if: geteuid() != 0, "a superuser reads every file"))
    func `A file without read permission is an error`() throws {
        let file = try JSONFile("{}")
        chmod(file.path, 0)
        #expect(Self.problem(file.path) == "invalid settings:\n- \(file.path): permission denied")
    }
}
